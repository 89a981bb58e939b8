"""Artefacts that steps write and read: one module each, the only one that knows its file names, schema and digest."""
