"""What reading a corpus costs: listening (validate) and packing (preprocess), beside `cp -r` and bare decoding.

    python benchmarks/reading.py [--utterances 10039]

Utterances are noise, 16-bit WAV at 16 kHz, as long as IEMOCAP's (lognormal, mean 4.5 s). Each way has a process of its
own, after the files were read once; time is the wall clock's, memory the process' greatest resident set.
"""

import argparse
import multiprocessing
import resource
import shutil
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import soundfile
from rich.console import Console
from rich.table import Table

from attune.validation.facts import measure
from attune.waveform.audio import hear
from attune.waveform.store import pack

RATE = 16_000


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--utterances", type=int, default=10_039)
    utterances = parser.parse_args().utterances
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name) / "wav"
        hours = _write(folder, utterances)
        ways = {"cp -r": copied, "bare decoding": decoded, "listening": listened, "packing": packed}
        found = {way: _cost(work, folder) for way, work in ways.items()}
    table = Table("", "seconds", "x cp -r", "x decoding", "MB", title=f"{utterances} utterances, {hours:.2f} h")
    for way, (seconds, megabytes) in found.items():
        ratios = [f"{seconds / found[other][0]:.1f}" for other in ("cp -r", "bare decoding")]
        table.add_row(way, f"{seconds:.1f}", *ratios, f"{megabytes:.0f}")
    Console().print(table)


def copied(folder: Path) -> None:
    """Copy the files."""
    shutil.copytree(folder, folder.with_name("copy"))


def decoded(folder: Path) -> None:
    """Decode the files and forget them."""
    for path in sorted(folder.iterdir()):
        soundfile.read(path, dtype="float32")


def listened(folder: Path) -> None:
    """What `attune validate` measures on every file."""
    for path in sorted(folder.iterdir()):
        measure(folder, path.name)


def packed(folder: Path) -> None:
    """What `attune preprocess` does with every file."""
    store = folder.with_name("store")
    store.mkdir()
    pack(store, ((path.stem, hear(path, RATE).pcm) for path in sorted(folder.iterdir())), sample_rate=RATE)


def _write(folder: Path, utterances: int) -> float:
    folder.mkdir()
    draw = np.random.default_rng(0)
    seconds = draw.lognormal(np.log(4.5) - 0.2, 0.63, utterances).clip(0.5, 35)
    noise = draw.integers(-3000, 3000, 40 * RATE).astype(np.int16)
    for number, length in enumerate(seconds):
        start = int(draw.integers(0, 4 * RATE))
        soundfile.write(folder / f"{number:05d}.wav", noise[start : start + round(length * RATE)], RATE)
    return float(seconds.sum()) / 3600


def _cost(work: Callable[[Path], None], folder: Path) -> tuple[float, float]:
    """Seconds and megabytes of a process that does the work."""
    context = multiprocessing.get_context("spawn")
    answers = context.Queue()
    process = context.Process(target=_measured, args=(work, folder, answers))
    process.start()
    seconds, megabytes = answers.get()
    process.join()
    return seconds, megabytes


def _measured(
    work: Callable[[Path], None], folder: Path, answers: "multiprocessing.Queue[tuple[float, float]]"
) -> None:
    began = time.perf_counter()
    work(folder)
    answers.put((time.perf_counter() - began, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024))


if __name__ == "__main__":
    main()
