"""Is attention meaningful: how peaked, does it follow loudness, does it find a cue whose place is known?"""
