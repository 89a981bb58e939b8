"""The parameters of the small run that many tests share."""

SMALL = {
    "corpus": {"synthetic": {"seed": 7, "utterances_per_speaker": 4}},
    "folds": ["session1", "session2"],
    "systems": ["mtl-att", "stl"],
    "train": {"epochs": 2, "patience": 2, "batch_size": 16, "max_seconds": 1.0},
    "compute": {"threads": 1, "device": "cpu"},
    "evaluate": {"resamples": 100},
    "attention": {"rounds": 20, "probed": 4},
    "report": {"examples": 3},
}
"""Parameters of the small run: 40 utterances, two folds, two systems, two epochs of their first second."""
