"""What a corpus costs until it can be trained on: `attune corpus`, `validate`, `preprocess`; `cp -r`, bare decoding.

    python benchmarks/reading.py [--utterances 10039 [--seconds 0.5] [--raters 6] | --release FOLDER] [--cold]

Of a release in IEMOCAP's layout, such as `attune corpus` makes with `like: iemocap`, or of utterances that are noise,
16-bit WAV at 16 kHz, as long as IEMOCAP's (lognormal, mean 4.5 s), with a table of ratings. Each way is a process of
its own, after the files were read once or, with `--cold`, from the disk: wall clock, processor time, greatest resident
set. `cp -r` runs again before `preprocess`, because what it costs depends on how much memory the kernel has at hand.
What `preprocess` cannot do without (reading, writing, the file's digest, the samples' checksum) is measured alone.
"""

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
import soundfile
from rich.console import Console
from rich.table import Table

RATE = 16_000
SPEAKERS = 10
PARAMS = {
    "corpus": {"kind": "table", "root": "wav", "table": {"files": "labels.csv", "columns": {"speaker": "speaker"}}}
}
PARTS = """
import hashlib, pathlib, sys, zlib
shard = open("parts.i16", "wb")
for path in sorted(pathlib.Path(sys.argv[1]).rglob("*.wav")):
    content = path.read_bytes()
    if "sha256" in sys.argv:
        hashlib.sha256(content).hexdigest()
    if "crc32" in sys.argv:
        zlib.crc32(content)
    if "write" in sys.argv:
        shard.write(content)
"""
DECODE = """
import pathlib, soundfile, sys
for path in sorted(pathlib.Path(sys.argv[1]).rglob("*.wav")):
    soundfile.read(path, dtype="float32")
"""


class Cost(NamedTuple):
    seconds: float
    processor: float
    megabytes: float


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--utterances", type=int, default=10_039)
    parser.add_argument("--seconds", type=float, help="of every utterance; by default as long as IEMOCAP's")
    parser.add_argument("--raters", type=int, default=0, help="ratings of each utterance, in a second table")
    parser.add_argument("--release", type=Path)
    parser.add_argument("--cold", action="store_true")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        if given.release:
            (folder / "wav").symlink_to(given.release.absolute())
            params = {"corpus": {"kind": "iemocap", "root": "wav"}}
        else:
            _write(folder / "wav", given.utterances, given.seconds, given.raters)
            params = with_raters(PARAMS) if given.raters else PARAMS
        shutil.copytree(folder / "wav", folder / "read")  # so that the first way finds the files in memory too
        found = {}
        for way, command in _ways(params).items():
            if given.cold:
                _forget(folder / "wav")
            found[way] = _cost(command, folder)
            shutil.rmtree(folder / "copy", ignore_errors=True)
    table = Table(*("", "seconds", "processor s", "x cp -r", "x cp -r, processor", "x decoding, processor", "MB"))
    for way, cost in found.items():
        copying, decoding = found["cp -r"], found["bare decoding"]
        ratios = (
            cost.seconds / copying.seconds,
            cost.processor / copying.processor,
            cost.processor / decoding.processor,
        )
        told = [f"{number:.1f}" for number in (cost.seconds, cost.processor, *ratios)]
        table.add_row(way, *told, f"{cost.megabytes:.0f}")
    Console(width=120).print(table)


def _ways(corpus: dict[str, object]) -> dict[str, list[str]]:
    params = ["--params", json.dumps(corpus)]
    attune = str(Path(sys.executable).with_name("attune"))
    return {
        "cp -r": ["cp", "-rL", "wav", "copy"],
        "bare decoding": [sys.executable, "-c", DECODE, "wav"],
        "bare reading": [sys.executable, "-c", PARTS, "wav"],
        "reading, writing": [sys.executable, "-c", PARTS, "wav", "write"],
        "reading, writing, SHA-256, CRC-32": [sys.executable, "-c", PARTS, "wav", "write", "sha256", "crc32"],
        "attune corpus": [attune, "corpus", *params, "--out", "corpus"],
        "attune validate": [attune, "validate", *params, "--corpus", "corpus", "--out", "validated"],
        "cp -r, again": ["cp", "-rL", "wav", "copy"],
        "attune preprocess": [
            *(attune, "preprocess", *params, "--corpus", "corpus", "--validated", "validated", "--out", "store")
        ],
        "attune store verify": [attune, "store", "verify", "store"],
    }


def with_raters(params: Any) -> dict[str, object]:
    raters = {"files": "raters.csv", "utterance": "audio", "rater": "rater"}
    return {"corpus": {**params["corpus"], "table": {**params["corpus"]["table"], "raters": raters}}}


def _write(folder: Path, utterances: int, fixed: float | None = None, raters: int = 0) -> None:
    """Recordings, labels.csv and raters.csv."""
    folder.mkdir()
    draw = np.random.default_rng(0)
    seconds = draw.lognormal(np.log(4.5) - 0.2, 0.63, utterances).clip(0.5, 35)
    noise = draw.integers(-3000, 3000, 40 * RATE).astype(np.int16)
    for number, length in enumerate(seconds):
        start = int(draw.integers(0, 4 * RATE))
        samples = noise[start : start + round((fixed or length) * RATE)].copy()
        samples[:2] = number % 30_000, number // 30_000  # no two are alike
        soundfile.write(folder / f"{number:05d}.wav", samples, RATE)
    ratings = {task: draw.integers(2, 11, utterances) / 2 for task in ("arousal", "valence", "dominance")}
    names = [f"{number:05d}.wav" for number in range(utterances)]
    speakers = [f"s{number % SPEAKERS}" for number in range(utterances)]
    table = pd.DataFrame({"audio": names, "speaker": speakers, **ratings})
    table.to_csv(folder / "labels.csv", index=False)
    each = [table.drop(columns="speaker").assign(rater=f"E{rater}") for rater in range(raters)]
    if each:
        pd.concat(each).to_csv(folder / "raters.csv", index=False)


def _forget(folder: Path) -> None:
    """Take a folder's files out of the kernel's memory, so that they are read from the disk."""
    for path in folder.rglob("*"):
        if path.is_file():
            with path.open("rb") as file:
                os.fsync(file.fileno())
                os.posix_fadvise(file.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)


def _cost(command: list[str], folder: Path) -> Cost:
    began = time.perf_counter()
    process = subprocess.Popen(command, cwd=folder, stdout=subprocess.DEVNULL)
    _, status, used = os.wait4(process.pid, 0)
    if status:
        raise SystemExit(f"{' '.join(command)} failed")
    return Cost(time.perf_counter() - began, used.ru_utime + used.ru_stime, used.ru_maxrss / 1024)


if __name__ == "__main__":
    main()
