"""Is attention meaningful: how peaked is it, does it follow loudness, does it find a cue whose position is known?"""
