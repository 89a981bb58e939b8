"""IEMOCAP's text files, in the corpus's own spelling."""

import numpy as np
from numpy.typing import NDArray

from attune.corpus.synthetic.plan import Turn
from attune.corpus.synthetic.raters import Category

HEADER = "% [START_TIME - END_TIME] TURN_NAME EMOTION [V, A, D]\n"


def labels(turns: list[Turn]) -> str:
    """Return a dialog's label file: a block per utterance, with its summary and all ratings."""
    return HEADER + "\n" + "\n".join(_block(turn) for turn in turns)


def transcript(turns: list[Turn], texts: list[str]) -> str:
    """Return a dialog's transcript, a line per utterance."""
    return "".join(
        f"{turn.slot.utterance} [{turn.slot.start:08.4f}-{_end(turn):08.4f}]: {text}\n"
        for turn, text in zip(turns, texts, strict=True)
    )


def attribute(utterance: str, ratings: NDArray[np.float64]) -> str:
    """Return a line of a rater's file of dimensions, in the order activation, valence, dominance."""
    return "{} :act {:.0f}; :val {:.0f}; :dom {:.0f};\n".format(utterance, *ratings)


def categorical(utterance: str, category: Category) -> str:
    """Return a line of a rater's file of categories."""
    return f"{utterance} :{_NAMES_ALONE.get(category.name, category.name)}; ()\n"


def self_rater(turn: Turn) -> str:
    """Return the rater name of the speaker."""
    return f"{turn.slot.speaker.gender}1"


_NAMES_ALONE = {"Neutral": "Neutral state"}
"""Names that a rater's own file spells differently from the label file."""


def _block(turn: Turn) -> str:
    judgement, own = turn.judgement, self_rater(turn)
    arousal, valence, dominance = judgement.label
    times = f"[{turn.slot.start:.4f} - {_end(turn):.4f}]"
    summary = f"[{valence:.4f}, {arousal:.4f}, {dominance:.4f}]"
    lines = [f"{times}\t{turn.slot.utterance}\t{judgement.category}\t{summary}"]
    for rater, category in [*judgement.categories.items(), (own, judgement.own_category)]:
        lines.append(f"C-{rater}:\t{category.name};\t()")
    for rater, (act, val, dom) in [*judgement.external.items(), (own, judgement.own)]:
        lines.append(f"A-{rater}:\tval {val:.0f}; act {act:.0f}; dom  {dom:.0f};\t()")
    return "\n".join(lines) + "\n"


def _end(turn: Turn) -> float:
    return turn.slot.start + turn.slot.seconds
