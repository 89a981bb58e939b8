"""One file per step of the graph: files in, files out."""
