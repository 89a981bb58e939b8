"""Commands about registered models: promote, score, serve, trace back."""
