"""The process that decodes and scores for the server, under the code that the version was registered with.

Everything here imports attune as that version ships it, and its own neighbours relatively.
"""
