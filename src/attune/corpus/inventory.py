"""Counts of what a corpus contains, under the names that published inventories use here."""

import pandas as pd

_COUNTED = ("session", "scenario", "speaker", "category")


def count(utterances: pd.DataFrame) -> dict[str, float]:
    """Count utterances, dialogs, speakers, hours, and utterances by session, scenario, speaker and category.

    Args:
        utterances: the contract's table; only labelled ones count, with the times of their label files.
    """
    labelled = utterances[utterances["source"].notna()]
    found = {
        "utterances": float(len(labelled)),
        "dialogs": float(labelled["dialog"].nunique()),
        "speakers": float(labelled["speaker"].nunique()),
        "hours": round(float((labelled["end"] - labelled["start"]).sum()) / 3600, 2),
    }
    for column in _COUNTED:
        for value, number in labelled[column].value_counts().sort_index().items():
            found[f"{column} {value}"] = float(number)
    return found
