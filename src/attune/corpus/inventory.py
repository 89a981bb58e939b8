"""How much there is of what in a corpus, under the names that published inventories are given in."""

import pandas as pd

_COUNTED = ("session", "scenario", "speaker", "category")


def count(utterances: pd.DataFrame) -> dict[str, float]:
    """Utterances, dialogs, speakers, hours, and utterances by session, scenario, speaker and category.

    Args:
        utterances: of the contract; labelled ones count, by their label files' times.
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
