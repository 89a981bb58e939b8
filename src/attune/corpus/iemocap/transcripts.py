"""IEMOCAP's transcripts (``dialog/transcriptions/<dialog>.txt``): what was said, by utterance."""

import re
from pathlib import Path

from attune.corpus import text
from attune.corpus.iemocap.ids import is_utterance

_LINE = re.compile(r"([^\s\[]++)\s*+\[[^\]]*+\]\s*+:?(.*)")


def read(path: Path) -> dict[str, str]:
    """Return texts by utterance id, including turns without a recording of their own (``..._FXX3``).

    Lines of another form are not about any utterance and are skipped.
    """
    matches = (_LINE.fullmatch(line.strip()) for line in text.read(path).split("\n"))
    return {match[1]: match[2].strip() for match in matches if match and is_utterance(match[1])}
