"""Registered models at work: over HTTP and on many files."""
