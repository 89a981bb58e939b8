"""Does reading a corpus' tables take time in proportion to its utterances, and how much memory?

    python benchmarks/corpus_scale.py [--shares 0.1 1 5]

A synthetic corpus like IEMOCAP at each share of its 10,039 utterances: label files, raters and transcripts as they are,
recordings empty. Planning, writing and reading are measured in a process of their own for each share.
"""

import argparse
import multiprocessing
import resource
import tempfile
import time
from pathlib import Path

from rich.console import Console
from rich.table import Table

from attune.corpus.contract import Source
from attune.corpus.iemocap.location import RELEASE
from attune.corpus.kinds import read
from attune.corpus.synthetic import tree
from attune.corpus.synthetic.plan import plan
from attune.settings.corpus import Corpus, Synthetic


def write(share: float, folder: Path) -> int:
    """Labels and empty recordings; how many utterances there are."""
    turns = plan(Synthetic(like="iemocap", share=share))
    release = folder / RELEASE
    tree.write_texts(turns, ["Ba."] * len(turns), release)
    for turn in turns:
        path = tree.recording(turn, release)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
    return len(turns)


def measure(folder: Path) -> tuple[float, float, float]:
    """Seconds, processor seconds and greatest resident megabytes of reading."""
    began, busy = time.perf_counter(), time.process_time()
    read(Source(Corpus(kind="iemocap"), folder, folder))
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return time.perf_counter() - began, time.process_time() - busy, memory


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--shares", type=float, nargs="+", default=[0.1, 1.0, 4.0, 20.0])
    table = Table("utterances", "seconds", "processor s", "ms each", "MB")
    context = multiprocessing.get_context("spawn")
    for share in parser.parse_args().shares:
        with tempfile.TemporaryDirectory() as name:
            with context.Pool(1) as pool:
                utterances = pool.apply(write, (share, Path(name)))
            with context.Pool(1) as pool:
                seconds, busy, memory = pool.apply(measure, (Path(name),))
        table.add_row(
            str(utterances), f"{seconds:.1f}", f"{busy:.1f}", f"{1000 * busy / utterances:.2f}", f"{memory:.0f}"
        )
    Console().print(table)


if __name__ == "__main__":
    main()
