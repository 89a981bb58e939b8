"""The published table on your own folds and seeds, as Markdown, HTML and JSON."""
