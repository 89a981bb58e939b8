"""The process that runs a version's networks for a command, with the code that the version was registered with."""
