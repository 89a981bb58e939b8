"""Who met whom: division of a corpus into parts that share neither speakers nor sessions."""

import pandas as pd


def meetings(utterances: pd.DataFrame) -> pd.Series:
    """Return the name of each utterance's part of the corpus: the alphabetically first of the part's speakers.

    Speakers who share a session, directly or through others, belong to the same part.
    """
    pairs = utterances[["speaker", "session"]].drop_duplicates()
    parent = {speaker: speaker for speaker in sorted(pairs["speaker"])}

    def first(speaker: str) -> str:
        while parent[speaker] != speaker:
            parent[speaker] = speaker = parent[parent[speaker]]
        return speaker

    for _, speakers in pairs.dropna().groupby("session")["speaker"]:
        one, *others = sorted(speakers)
        for other in others:
            low, high = sorted((first(one), first(other)))
            parent[high] = low
    return utterances["speaker"].map(first)
