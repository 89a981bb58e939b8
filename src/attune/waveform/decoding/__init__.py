"""Audio files, decoded block by block: what each container claims, and what is really in it."""
