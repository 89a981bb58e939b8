"""Defects of real copies of IEMOCAP, inflicted on a synthetic one; each can be chosen on its own.

The proportion of utterances affected is that in IEMOCAP, with at least one; where those damaged in IEMOCAP are known
by name and exist here, they are chosen.
"""

import re
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

from attune.corpus.iemocap.inventory import PUBLISHED
from attune.settings.corpus import Defect

_APPLE = b"\x00\x05\x16\x07\x00\x02\x00\x00Mac OS X        \xff\xfe"
_SUMMARY = re.compile(r"^\[[^\]]*\]\t(\S+)\t\S+\t\[([^\]]*)\]$", re.MULTILINE)
_HIGH = [f"Ses03M_impro07_M{turn:03d}" for turn in (3, 10, 13, 21)]
_LOW = ["Ses01M_script03_1_F026", "Ses02M_script02_2_F046", "Ses04M_script03_2_M009"]
_UNLABELLED, _WITHOUT = 41, 10
_APART: tuple[Defect, ...] = ("unlabelled", "label-without-recording", "recording-without-label")
"""Those that no utterance may have two of: without label and recording there is nothing of it."""


def inflict(chosen: Iterable[Defect], release: Path) -> None:
    """Inflict the chosen defects on a copy.

    Args:
        release: folder of label files, transcripts and recordings of all sessions.
    """
    wanted = set(chosen)
    for name, damage in _DAMAGES.items():
        if name in wanted:
            damage(release)


def _valence(release: Path) -> None:
    _rewrite(release, _first(release, _HIGH), lambda numbers: ["5.5000", *numbers[1:]])


def _dominance(release: Path) -> None:
    _rewrite(release, _first(release, _LOW), lambda numbers: [*numbers[:2], "0.5000"])


def _unlabelled(release: Path) -> None:
    _rewrite(release, _few(release, _UNLABELLED, "unlabelled"), lambda _: ["nan", "nan", "nan"])


def _no_recording(release: Path) -> None:
    for utterance in _few(release, _WITHOUT, "label-without-recording"):
        next(release.glob(f"Session*/sentences/wav/*/{utterance}.wav")).unlink()


def _no_label(release: Path) -> None:
    for utterance in _few(release, _WITHOUT, "recording-without-label"):
        path = _label_file(release, utterance)
        _write(path, re.sub(rf"^\[[^\]]*\]\t{utterance}\t(?:.+\n)+", "", _read(path), flags=re.MULTILINE))


def _unreadable(release: Path) -> None:
    path = _labels(release)[0]
    _write(path, re.sub(r"^(A-\w+:\t)val \d", r"\1vla", _read(path), count=1, flags=re.MULTILINE))


def _repeated(release: Path) -> None:
    path = _labels(release)[0]
    text = _read(path)
    _write(path, text + "\n" + text.rstrip("\n").rpartition("\n\n")[2] + "\n")


def _whole(release: Path) -> None:
    for path in _labels(release):
        _write(path, re.sub(r"(\d)\.0000(?=[],\s])", r"\1", _read(path)))


def _crlf(release: Path) -> None:
    """Write CRLF line endings, and stray blank lines, in every other label file."""
    for path in _labels(release)[::2]:
        path.write_bytes(_read(path).replace("\n\n", "\n\n\n").replace("\n", "\r\n").encode())


def _latin(release: Path) -> None:
    for path in sorted(release.glob("Session*/dialog/transcriptions/Ses*.txt"))[::2]:
        path.write_bytes(_read(path).replace(".\n", " à la café.\n").encode("latin-1"))


def _apple(release: Path) -> None:
    for path in [*_labels(release)[::2], *sorted(release.glob("Session*/sentences/wav/*/*.wav"))[::50]]:
        path.with_name(f"._{path.name}").write_bytes(_APPLE)


_DAMAGES: dict[Defect, Callable[[Path], None]] = {
    "unlabelled": _unlabelled,
    "valence-above-scale": _valence,
    "dominance-below-scale": _dominance,
    "label-without-recording": _no_recording,
    "recording-without-label": _no_label,
    "unreadable-rating": _unreadable,
    "repeated-block": _repeated,
    "whole-numbers": _whole,
    "latin-1": _latin,
    "crlf": _crlf,
    "macos-leftovers": _apple,
}
"""In the order in which they must be applied; `_crlf` changes what the others look for."""


def _labels(release: Path) -> list[Path]:
    return sorted(release.glob("Session*/dialog/EmoEvaluation/Ses*.txt"))


def _label_file(release: Path, utterance: str) -> Path:
    dialog = utterance.rpartition("_")[0]
    return next(release.glob(f"Session*/dialog/EmoEvaluation/{dialog}.txt"))


def _utterances(release: Path) -> list[str]:
    return [match[1] for path in _labels(release) for match in _SUMMARY.finditer(_read(path))]


def _first(release: Path, published: Sequence[str]) -> list[str]:
    """Return the published ones if all exist here; else the same proportion, from speakers who have one in IEMOCAP."""
    there = _utterances(release)
    if set(published) <= set(there):
        return list(published)
    speakers = [(name[:5], name.rpartition("_")[2][0]) for name in published]
    count = _scaled(len(there), len(published))
    own = [name for name in there if (name[:5], name.rpartition("_")[2][0]) in speakers]
    return own[:: max(1, len(own) // count)][:count]


def _few(release: Path, count: int, defect: Defect) -> list[str]:
    """Return utterances from all over that none of the other defects hits.

    In IEMOCAP the unlabelled are in impro07 of the third session: up to 41 of the man's utterances may lack labels.
    """
    there = _utterances(release)
    scaled = _scaled(len(there), count)
    off = {*_first(release, _HIGH), *_first(release, _LOW)}
    published = [name for name in there if name.startswith("Ses03M_impro07_M") and name not in off]
    free = [name for name in there if name not in off.union(published)]
    spread = [free[int((place + (1 + _APART.index(defect)) / 4) * len(free) / scaled)] for place in range(scaled)]
    return [*(published if defect == "unlabelled" else []), *spread][:scaled]


def _scaled(utterances: int, published: int) -> int:
    return max(1, round(published * utterances / PUBLISHED["utterances"]))


def _rewrite(release: Path, utterances: Iterable[str], change: Callable[[list[str]], list[str]]) -> None:
    """Change the three numbers of summaries: valence, arousal, dominance."""
    for utterance in utterances:
        path = _label_file(release, utterance)
        pattern = re.compile(rf"(\t{utterance}\t\S+\t\[)([^\]]*)\]")
        _write(path, pattern.sub(lambda found: f"{found[1]}{', '.join(change(found[2].split(', ')))}]", _read(path)))


def _read(path: Path) -> str:
    return path.read_text(encoding="utf-8")


def _write(path: Path, text: str) -> None:
    path.write_text(text, encoding="utf-8", newline="\n")
