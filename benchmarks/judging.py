"""What judging a corpus takes as it grows: `attune validate` with made-up facts of the audio, which is not listened to.

    python benchmarks/judging.py [--utterances 10039 200780] [--odd]

Utterances with three ratings and six raters each, as `benchmarks/reading.py` writes them; each size in a process of its
own. With `--odd` every recording is stereo at 44.1 kHz, so that every utterance breaks two rules that only report.
"""

import argparse
import multiprocessing
import resource
import tempfile
import time
from pathlib import Path

import numpy as np
import pandas as pd
from rich.console import Console
from rich.table import Table

from attune.corpus import contract, rows
from attune.params import Params
from attune.steps import validate
from attune.tasks import TASKS
from attune.validation.facts import AudioFacts
from attune.waveform.audio import Span

RATERS = 6
TEXTS = ("utterance", "dialog", "session", "speaker", "gender", "scenario", "category", "transcript", "audio", "source")


def write(utterances: int, folder: Path) -> None:
    """The tables of a corpus of one's own."""
    draw = np.random.default_rng(0)
    names = np.array([f"{number // 1000:03d}/{number:06d}" for number in range(utterances)], dtype=object)
    speakers = [f"s{number % 10}" for number in range(utterances)]
    ratings = {task: draw.integers(2, 11, utterances) / 2 for task in TASKS}
    unknown = {"gender": "unknown", "scenario": "unspecified", "category": None, "transcript": None}
    table = pd.DataFrame(
        {
            **{"utterance": names, "dialog": speakers, "session": speakers, "speaker": speakers},
            **{**unknown, "start": np.nan, "end": np.nan, **ratings},
            **{"audio": names + ".wav", "source": "labels.csv", "line": np.arange(utterances) + 2},
        }
    ).astype(dict.fromkeys(TEXTS, "str"))
    each = {task: np.repeat(given, RATERS) for task, given in ratings.items()}
    raters = [f"E{rater}" for rater in range(RATERS)] * utterances
    columns = {"utterance": np.repeat(names, RATERS), "rater": raters, "self_report": False, **each}
    about = contract.About(kind="table", name="made up", sessions_known=False)
    contract.write(contract.Corpus(table, rows.ratings_of(columns, TASKS), about), folder)


def measure(folder: Path, odd: bool) -> tuple[float, float, float]:
    """Seconds, processor seconds and greatest resident megabytes of the step."""
    rate, channels = (44_100, 2) if odd else (16_000, 1)

    def made_up(_: Path, audio: str, span: Span = Span()) -> AudioFacts:  # noqa: B008
        tiny = int(audio[-10:-4]) / 1e8
        level = {"peak": 0.5 + tiny, "level": 0.1 + tiny, "dc_offset": tiny / 10, "clipped": tiny / 10}
        whole = {"off_scale": 0, "in_phase": 1.0 - tiny, "dead_channels": 0, "length": "as stated"}
        seconds = 0.5 + tiny
        return AudioFacts(
            audio, "none", 8000, rate, channels, seconds, **level, **whole, content=f"{audio:>64}", pitch=120.0 + tiny
        )

    validate.measure = made_up
    began, busy = time.perf_counter(), time.process_time()
    validate.run(Params(), corpus=folder, root=folder, out=folder / "validated")
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return time.perf_counter() - began, time.process_time() - busy, memory


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--utterances", type=int, nargs="+", default=[10_039, 200_780])
    parser.add_argument("--odd", action="store_true")
    given = parser.parse_args()
    table = Table("utterances", "seconds", "processor s", "MB")
    context = multiprocessing.get_context("spawn")
    for utterances in given.utterances:
        with tempfile.TemporaryDirectory() as name:
            with context.Pool(1) as pool:
                pool.apply(write, (utterances, Path(name)))
            with context.Pool(1) as pool:
                seconds, busy, memory = pool.apply(measure, (Path(name), given.odd))
        table.add_row(str(utterances), f"{seconds:.1f}", f"{busy:.1f}", f"{memory:.0f}")
    Console().print(table)


if __name__ == "__main__":
    main()
