"""Choose the version in use: promotion policy, verdicts, champion history and comparisons."""
