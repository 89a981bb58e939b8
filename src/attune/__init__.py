"""Arousal, valence and dominance from the raw waveform of speech."""

__version__ = "0.1.0"
