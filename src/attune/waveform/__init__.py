"""Waveforms: decoding, resampling, packing, reading back."""
