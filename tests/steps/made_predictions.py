"""A corpus without sound worth hearing and predictions without a network, as the steps before would write them."""

from pathlib import Path

import numpy as np
import pandas as pd
import utterance_tables

from attune.artifacts import models
from attune.artifacts.predictions import PREDICTIONS, WEIGHTS, Provenance, write_provenance
from attune.model import bundle, systems
from attune.signal import window_count
from attune.tasks import TASKS
from attune.waveform.store import pack

RATE = 16000
COLUMNS = ["system", "fold", "partition", "utterance", "task"]


def make_validated(folder: Path, per_speaker: int = 6) -> pd.DataFrame:
    """Accepted utterances of ten speakers, two dialogs per session, in `folder`."""
    rng = np.random.default_rng(1)
    rows = []
    for session in range(1, 6):
        for gender in "FM":
            for i in range(per_speaker):
                scenario = ("improvised", "scripted")[i % 2]
                dialog = f"Ses0{session}F_{'impro01' if i % 2 == 0 else 'script01_1'}"
                rows.append(
                    {
                        "utterance": f"{dialog}_{gender}{i:03d}",
                        **{"dialog": dialog, "session": session, "speaker": f"Ses0{session}{gender}"},
                        **{"gender": gender, "scenario": scenario},
                        **dict(zip(TASKS, rng.integers(4, 21, 3) / 4, strict=True)),
                        **{f"{task}_ratings": 4 + place for place, task in enumerate(TASKS)},
                        **dict(zip((f"{task}_spread" for task in TASKS), rng.random(3), strict=True)),
                    }
                )
    table = pd.DataFrame(rows).sort_values("utterance", ignore_index=True)
    folder.mkdir(parents=True)
    utterance_tables.write_accepted(folder, table)
    return table


def make_run(
    folder: Path,
    utterances: pd.DataFrame,
    *,
    system="mtl-att",
    fold="session1",
    protocol="loso5",
    weights=None,
    digest="0" * 64,
) -> None:
    """Random predictions of a loso5 fold; with attention where `weights` maps an utterance to its weights."""
    rng = np.random.default_rng(len(system) + int(fold[-1]))
    tested = int(fold[-1])
    rows, attention = [], []
    for partition, session in (("development", tested % 5 + 1), ("test", tested)):
        for utterance in utterances.loc[utterances["session"] == session, "utterance"]:
            for task in TASKS:
                key = dict(zip(COLUMNS, (system, fold, partition, utterance, task), strict=True))
                p = rng.dirichlet(np.ones(3))
                guess = {"predicted": np.int8(p.argmax()), "score": float(p @ [1.5, 3, 4.5])}
                rows.append({**key, "low": p[0], "middle": p[1], "high": p[2], **guess})
                if weights:
                    attention.append({**key, "weights": weights(utterance, task).astype(np.float32)})
    folder.mkdir(parents=True)
    PREDICTIONS.write(folder, pd.DataFrame(rows))
    WEIGHTS.write(folder, pd.DataFrame(attention, columns=[*COLUMNS, "weights"]))
    constants = dict.fromkeys(TASKS, 1), dict.fromkeys(TASKS, 3.0)
    write_provenance(folder, Provenance(protocol, system, fold, digest, *constants))


def make_store(folder: Path, utterances: pd.DataFrame) -> dict[str, int]:
    """Noise whose level wanders, between 0.4 and 0.9 s; returns the number of windows by utterance."""
    rng = np.random.default_rng(2)
    sounds = {}
    for utterance in utterances["utterance"]:
        samples = int(rng.integers(6400, 14400))
        level = np.interp(np.arange(samples), np.linspace(0, samples, 12), rng.uniform(0.01, 0.4, 12))
        sounds[utterance] = (32767 * np.clip(level * rng.normal(size=samples), -1, 1)).astype(np.int16)
    folder.mkdir(parents=True)
    pack(folder, sounds.items(), sample_rate=RATE)
    return {utterance: window_count(len(sound)) for utterance, sound in sounds.items()}


def make_model(folder: Path, *, system="mtl-att", fold="session1", protocol="loso5") -> str:
    """A network as it is before training, which is enough to be asked; returns the digest of its weights."""
    built = systems.named(system)
    folder.mkdir(parents=True)
    description = bundle.Description(
        protocol=protocol,
        system=system,
        fold=fold,
        mean=0.0,
        std=0.1,
        class_values={task: [1.5, 3.0, 4.5] for task in TASKS},
        seed=1,
        best_epoch=dict.fromkeys(built.networks, 1),
    )
    networks = {name: built.build(name, dropout=0.0, seed=1) for name in built.networks}
    bundle.save(folder, description, {name: network.weights() for name, network in networks.items()})
    return models.read_description(folder)["weights_sha256"]
