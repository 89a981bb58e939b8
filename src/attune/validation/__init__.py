"""What data must satisfy: facts about the audio, named rules, and what follows where one is broken."""
