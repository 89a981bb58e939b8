"""Data validation: facts about the audio, named rules, and the consequences of breaking one."""
