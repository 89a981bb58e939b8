"""IEMOCAP's names, folders and text files."""
