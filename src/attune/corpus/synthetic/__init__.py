"""A corpus made on the spot: speech-like sound with known emotion, in IEMOCAP's own layout."""
