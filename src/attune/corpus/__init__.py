"""Utterances with their speakers and labels: reading, synthesising and partitioning them."""
