"""Utterances, their speakers and labels: read, made, and divided into partitions."""
