"""Parts of `attune attention` that look into networks, in memory that does not grow with the audio."""
