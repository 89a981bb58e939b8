"""Parts of `attune attention` that probe networks, in memory that does not grow with the audio."""
