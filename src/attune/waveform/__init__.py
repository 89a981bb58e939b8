"""Waveforms: decode, resample, pack, read back."""
