"""Who met whom: the parts of a corpus that share neither speakers nor sessions."""

import pandas as pd


def meetings(utterances: pd.DataFrame) -> pd.Series:
    """The name of the part that each utterance belongs to: the first of its speakers, in alphabetical order.

    Speakers who occur in one session, directly or through others, are of one part.
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
