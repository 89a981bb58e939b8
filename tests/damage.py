"""Flip single bits of every kind of artefact and use it through its real reader. What comes of it is counted.

    python tests/damage.py [--flips 200] [--seed 1]

refused    one AttuneError, which names a file
unchanged  used, and every value is what it was (a bit of a file's padding, say)
changed    used without a word, with another value: must be 0
traceback  any other error: must be 0
"""

import argparse
import pickle
import random
import shutil
import sys
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd
import torch
from registry_samples import write_model
from report.report_artifacts import Recipe, build

from attune.artifacts import attention, evaluation, metrics, predictions, registered, sources, validation
from attune.artifacts.history import HISTORY
from attune.artifacts.utterances import ACCEPTED, CUES, RATINGS, RECORDINGS, UTTERANCES
from attune.corpus.contract import About, read_about, write_about
from attune.errors import AttuneError
from attune.features import packed
from attune.model import bundle
from attune.training import checkpoint
from attune.training.checkpoint import Checkpoint
from attune.training.history import Epoch
from attune.waveform.store import Store


class Kind(NamedTuple):
    """A file, and what is made of it; the SHA256SUMS beside it is flipped too."""

    file: str
    use: Callable[[Path], object]


KINDS = (
    Kind("data/corpus/utterances.parquet", lambda f: _table(UTTERANCES.read(f / "data/corpus"))),
    Kind("data/corpus/ratings.parquet", lambda f: _table(RATINGS.read(f / "data/corpus"))),
    Kind("data/corpus/cues.parquet", lambda f: _table(CUES.read(f / "data/corpus"))),
    Kind("data/corpus/corpus.json", lambda f: read_about(f / "data/corpus")),
    Kind("data/validated/utterances.parquet", lambda f: _table(ACCEPTED.read(f / "data/validated"))),
    Kind("data/validated/quarantine.csv", lambda f: _table(validation.QUARANTINE.read(f / "data/validated"))),
    Kind("data/validated/validation.json", lambda f: validation.read_found(f / "data/validated")),
    Kind("data/corpus/recordings.parquet", lambda f: _table(RECORDINGS.read(f / "data/corpus"))),
    Kind("data/features/about.json", lambda f: _features(f / "data/features")),
    Kind("data/features/part-00000.parquet", lambda f: _features(f / "data/features")),
    Kind("data/features/part-00000.bin", lambda f: _features(f / "data/features")),
    Kind("checkpoints/joint.checkpoint", lambda f: _checkpoint(f / "checkpoints/joint.checkpoint")),
    Kind("data/store/index.parquet", lambda f: _store(f / "data/store")),
    Kind("data/store/shard-0000.i16", lambda f: _store(f / "data/store")),
    Kind("model/model.json", lambda f: _model(f / "model")),
    Kind("model/model.safetensors", lambda f: _model(f / "model")),
    Kind("model/history.csv", lambda f: _table(HISTORY.read(f / "model"))),
    Kind("predictions/mtl-att/session1/predictions.parquet", lambda f: _predictions(f)),
    Kind("predictions/mtl-att/session1/attention.parquet", lambda f: _weights(f)),
    Kind("predictions/mtl-att/session1/provenance.json", lambda f: _run(f).provenance),
    Kind("reports/metrics.json", lambda f: metrics.read(f / "reports/metrics.json", f / "reports/evaluation")),
    Kind("reports/evaluation/predictions.parquet", lambda f: _table(evaluation.TESTED.read(f / "reports/evaluation"))),
    Kind("reports/evaluation/groups.csv", lambda f: _table(evaluation.GROUPS.read(f / "reports/evaluation"))),
    Kind("reports/evaluation/published.csv", lambda f: _table(evaluation.PUBLISHED.read(f / "reports/evaluation"))),
    Kind("reports/evaluation/provenance.json", lambda f: _sources(f / "reports/evaluation")),
    Kind("reports/evaluation/confusion.json", lambda f: evaluation.read_confusions(f / "reports/evaluation")),
    Kind("reports/attention/attention.csv", lambda f: _table(attention.MEASURES.read(f / "reports/attention"))),
    Kind("reports/attention/attention.json", lambda f: attention.read_analysis(f / "reports/attention")),
    Kind("reports/attention/entropy.svg", lambda f: attention.read_figures(f / "reports/attention")),
    Kind("reports/registered.json", lambda f: registered.read(f / "reports/registered.json")),
)


def make(folder: Path) -> None:
    """Write every kind of artefact, through the writers that the steps use."""
    build(folder, Recipe(folds=("session1",), systems=("mtl-att",), utterances_per_speaker=2))
    utterances = ACCEPTED.read(folder / "data/validated")
    UTTERANCES.write(folder / "data/corpus", utterances)
    columns = {"rater": "E1", "kind": "dimensional", "self_report": False, "comment": None}
    RATINGS.write(folder / "data/corpus", utterances.assign(**columns)[list(RATINGS.columns)])
    write_about(About(kind="table", name="made up", sessions=(1, 2, 3, 4, 5)), folder / "data/corpus")
    recordings = [(f"{name}.wav", 1000, "ab" * 32) for name in utterances["utterance"]]
    RECORDINGS.write(folder / "data/corpus", pd.DataFrame(recordings, columns=list(RECORDINGS.columns)))
    _make_features(folder / "data/features", utterances["utterance"].tolist())
    weights, average, moments, best = ({"weight": torch.arange(64.0)} for _ in range(4))
    saved = Checkpoint(weights, average, {0: moments}, best, [Epoch("joint", 1, 1.0, 2.0, {"arousal": 0.5})])
    checkpoint.write(folder / "checkpoints/joint.checkpoint", saved, "this")
    sources.write(folder / "reports/evaluation", [_run(folder)])
    write_model(folder / "model", "mtl-att", "session1", seed=1)
    made = registered.Registered("attune", "1", "a1b2", "sqlite:///mlflow.db", "d" * 64)
    registered.write(folder / "reports/registered.json", made)


def _make_features(folder: Path, names: list[str]) -> None:
    about = packed.About("made up", "d" * 64, (4,), utterances=len(names))
    folder.mkdir()
    packed.write_part(folder, 0, about, ((name, np.full((3, 4), place)) for place, name in enumerate(names)))
    packed.write_about(folder, about)


def outcomes(folder: Path, kind: Kind, flips: int, seed: int) -> Iterator[str]:
    """Flip one bit at a time, at random positions of the file and of the sums beside it, and use what is there."""
    whole = pickle.dumps(kind.use(folder))
    generator = random.Random(f"{seed} {kind.file}")
    path = folder / kind.file
    sums = path.with_name("SHA256SUMS")
    for number in range(flips):
        target = sums if number % 10 == 9 and sums.exists() else path
        yield _with_a_bit_flipped(target, generator, lambda: pickle.dumps(kind.use(folder)) == whole)


def _with_a_bit_flipped(path: Path, generator: random.Random, same: Callable[[], bool]) -> str:
    content = path.read_bytes()
    position = generator.randrange(8 * len(content))
    damaged = bytearray(content)
    damaged[position // 8] ^= 1 << position % 8
    path.write_bytes(damaged)
    try:
        return "unchanged" if same() else "changed"
    except AttuneError as error:
        return "refused" if error.where is not None else "names no file"
    except Exception as error:
        print(f"{path}, bit {position}: {error!r}", file=sys.stderr)
        return "traceback"
    finally:
        path.write_bytes(content)


def _table(table: pd.DataFrame) -> object:
    return table.to_dict("list")


def _features(folder: Path) -> object:
    found = packed.Packed(folder)
    return found.about, {name: found[name].tobytes() for name in found}


def _checkpoint(path: Path) -> object:
    found = checkpoint.read(path, "this")
    return found.history, [state["weight"].tolist() for state in (found.weights, found.average, found.moments[0])]


def _sources(folder: Path) -> object:
    return sources.read(folder, ["mtl-att"], ["session1"])


def _store(folder: Path) -> object:
    store = Store(folder)
    names = list(store.index.index)
    return store.sample_rate, names, store.statistics(names), [store.pcm(name).tobytes() for name in names]


def _model(folder: Path) -> object:
    model = bundle.load(folder)
    states = {name: network.state_dict() for name, network in model.networks.items()}
    return model.description, {f"{n} {k}": v.numpy().tobytes() for n, state in states.items() for k, v in state.items()}


def _run(folder: Path) -> predictions.Run:
    [run] = predictions.find([folder / "predictions"], protocol="loso5", systems=["mtl-att"], folds=["session1"])
    return run._replace(folder=Path("predictions/mtl-att/session1"))


def _predictions(folder: Path) -> object:
    return _table(predictions.read(_run(folder)._replace(folder=folder / "predictions/mtl-att/session1")))


def _weights(folder: Path) -> object:
    batches = predictions.WEIGHTS.batches(folder / "predictions/mtl-att/session1", "utterance", "task", "weights")
    return [row for batch in batches for row in batch.to_pylist()]


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--flips", type=int, default=200, help="of every kind")
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    folder = Path(tempfile.mkdtemp(prefix="attune-damage-"))
    try:
        make(folder)
        counts = {kind.file: Counter(outcomes(folder, kind, options.flips, options.seed)) for kind in KINDS}
    finally:
        shutil.rmtree(folder)
    table = pd.DataFrame(counts).T.fillna(0).astype(int)
    wanted = ["refused", "unchanged", "changed", "traceback", "names no file"]
    table = table.reindex(columns=wanted, fill_value=0)
    print(pd.concat([table, table.sum().to_frame("all").T]).to_string())


if __name__ == "__main__":
    main()
