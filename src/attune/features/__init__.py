"""Features of utterances other than the waveform: hand-crafted ones, and frames of pretrained encoders."""
