"""Corpora described by tables, with any column names and any scale."""
