"""What public inventories count in IEMOCAP, to hold a copy against; docs/corpus.md says where a count is from."""

_SPEAKERS = ((873, 946), (859, 952), (1048, 1088), (987, 1116), (1033, 1137))
_CATEGORIES = {"xxx": 2507, "fru": 1849, "neu": 1708, "ang": 1103, "sad": 1084, "exc": 1041} | {
    **{"hap": 595, "sur": 107, "fea": 40, "oth": 3, "dis": 2}
}

PUBLISHED: dict[str, float] = {
    "utterances": 10039,
    "dialogs": 151,
    "speakers": 10,
    "hours": 12.44,
    **{f"session {number}": sum(pair) for number, pair in enumerate(_SPEAKERS, start=1)},
    "scenario improvised": 4784,
    "scenario scripted": 5255,
    **{
        f"speaker Ses0{number}{gender}": count
        for number, pair in enumerate(_SPEAKERS, start=1)
        for gender, count in zip("FM", pair, strict=True)
    },
    **{f"category {name}": count for name, count in _CATEGORIES.items()},
}
"""Count by what is counted; `attune.corpus.inventory` counts the same in any corpus."""
