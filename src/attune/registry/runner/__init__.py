"""The process that runs a version's networks for a command, under the code that the version was registered with."""
