"""Hand-crafted features of an utterance: what people compared networks with before they listened to waveforms."""
