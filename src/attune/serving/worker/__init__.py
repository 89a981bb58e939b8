"""The process that decodes and scores for the server, with the code that the version was registered with.

Everything here imports attune as shipped with that version, and the modules of this package relatively.
"""
