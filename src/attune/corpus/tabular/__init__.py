"""Corpora described by tables: any names of columns, any scale."""
