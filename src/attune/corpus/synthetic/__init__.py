"""Synthesis of a corpus: speech-like sound with known emotion, in IEMOCAP's own layout."""
