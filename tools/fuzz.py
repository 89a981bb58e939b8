"""Coverage-guided fuzzing of the readers of audio, labels and lists: bad input must raise AttuneError, nothing else.

    make fuzz                                            # a minute each
    python -m tools.fuzz audio -max_total_time=3600      # longer; all of libFuzzer's options
    python -m tools.fuzz labels -runs=1000000

Inputs that break something are saved as crash-*; pass the file's name to run it again.
"""

import io
import struct
import sys
import tempfile
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import atheris

with atheris.instrument_imports(include=["attune"]):
    from attune.corpus.iemocap import evaluations
    from attune.errors import AttuneError
    from attune.serving import lists as listing
    from attune.waveform.audio import hear

_SAMPLES = bytes(range(256)) * 16
_LINE = "[6.2901 - 8.2357]\tSes01F_impro01_F000\tneu\t[2.5000, 2.5000, 2.5000]\nC-E2:\tNeutral;\t()\n"
_FOLDER = Path(tempfile.mkdtemp())


def audio(content: bytes) -> None:
    """Read any bytes as a file of any format that libsndfile supports."""
    with suppress(AttuneError):
        hear(io.BytesIO(content), 16000, longest=60)


def labels(content: bytes) -> None:
    """Read any bytes as a label file of IEMOCAP."""
    path = _FOLDER / "Ses01F_impro01.txt"
    path.write_bytes(content)
    with suppress(AttuneError):
        evaluations.read(path)


def lists(content: bytes) -> None:
    """Read any bytes as a list of files to score."""
    path = _FOLDER / "list.csv"
    path.write_bytes(content)
    with suppress(AttuneError):
        listing.read(path)


def _seeds(target: Callable[[bytes], None]) -> list[bytes]:
    if target is labels:
        return [_LINE.encode(), b"% [START_TIME - END_TIME] TURN_NAME EMOTION [V, A, D]\n\n" + _LINE.encode()]
    if target is lists:
        return [
            b"path,start,end,note\na.wav,0.5,1.5,x\n",
            b"\xff\xfef\0i\0l\0e\0;\0e\0n\0d\0\n\0",
            b'file\n"a\n.wav"\n',
        ]
    form = struct.pack("<HHIIHH", 1, 1, 16000, 32000, 2, 16)
    body = b"WAVEfmt " + struct.pack("<I", 16) + form + b"data" + struct.pack("<I", len(_SAMPLES)) + _SAMPLES
    frame = b"\xff\xfb\x10\x64" + bytes(100)
    flac = b"fLaC\x80\x00\x00\x22" + bytes(34)
    return [b"RIFF" + struct.pack("<I", len(body)) + body, frame * 4, flac, b"OggS" + bytes(60), b"FORM" + bytes(60)]


def main() -> None:
    """Run libFuzzer on the target named by the first argument."""
    target = {"audio": audio, "labels": labels, "lists": lists}[sys.argv[1]]
    corpus = Path(tempfile.mkdtemp())
    for number, seed in enumerate(_seeds(target)):
        (corpus / str(number)).write_bytes(seed)
    files = [argument for argument in sys.argv[2:] if not argument.startswith("-")]
    options = [argument for argument in sys.argv[2:] if argument.startswith("-")]
    atheris.Setup([sys.argv[0], "-max_len=20000", *options, *(files or [str(corpus)])], target)
    atheris.Fuzz()


if __name__ == "__main__":
    main()
