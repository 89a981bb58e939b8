"""Follow, explain, list and cancel pipeline runs on a server."""
