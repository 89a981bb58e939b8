"""Published counts of IEMOCAP, to compare a copy with; docs/corpus.md gives the source of each."""

SPEAKERS = ((873, 946), (859, 952), (1048, 1088), (987, 1116), (1033, 1137))
"""Utterances of the woman and the man in each session."""

SCENARIOS = {"improvised": 4784, "scripted": 5255}
DIALOGS = 151
CATEGORIES = {"xxx": 2507, "fru": 1849, "neu": 1708, "ang": 1103, "sad": 1084, "exc": 1041} | {
    **{"hap": 595, "sur": 107, "fea": 40, "oth": 3, "dis": 2}
}

CLASSES = {"arousal": (1112, 7235, 1692), "valence": (3223, 4869, 1947), "dominance": (1041, 6484, 2514)}
"""Low, middle and high."""

PUBLISHED: dict[str, float] = {
    "utterances": 10039,
    "dialogs": DIALOGS,
    "speakers": 10,
    "hours": 12.44,
    **{f"session {number}": sum(pair) for number, pair in enumerate(SPEAKERS, start=1)},
    **{f"scenario {name}": count for name, count in SCENARIOS.items()},
    **{
        f"speaker Ses0{number}{gender}": count
        for number, pair in enumerate(SPEAKERS, start=1)
        for gender, count in zip("FM", pair, strict=True)
    },
    **{f"category {name}": count for name, count in CATEGORIES.items()},
}
"""Counts by name; `attune.corpus.inventory` counts the same in any corpus."""
