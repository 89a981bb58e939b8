"""Decoding of audio files block by block, comparing each container's claims with its contents."""
