"""What the registry is handed, small and made by hand: untrained networks, a history, scores, a page, audio."""

from pathlib import Path

import numpy as np
import pandas as pd
import soundfile
import torch
from utterance_tables import WHO

from attune.artifacts import evaluation, page, sources
from attune.artifacts.attention import write_analysis
from attune.artifacts.history import HISTORY
from attune.artifacts.metrics import FILE as METRICS
from attune.artifacts.metrics import write as write_metrics
from attune.artifacts.models import read_description
from attune.artifacts.predictions import Provenance, Run
from attune.model import bundle, systems
from attune.model.form import PAPERS, Form
from attune.tasks import TASKS

FOLDS = ("session1", "session2")
RATE = 16_000


def write_model(folder: Path, name: str, fold: str, seed: int, form: Form = PAPERS) -> None:
    """A network nobody trained, with livelier weights than it starts from, so that its answers differ."""
    folder.mkdir(parents=True)
    system = systems.named(name, form=form)
    states = {}
    for network_name in system.networks:
        network = system.build(network_name, dropout=0.0, seed=seed)
        generator = torch.Generator().manual_seed(seed)
        for parameter in network.parameters():
            parameter.data += 0.05 * torch.randn(parameter.shape, generator=generator)
        states[network_name] = network.state_dict()
    values = {task: [1.6 + 0.1 * seed, 3.0, 4.2] for task in TASKS}
    best = dict.fromkeys(system.networks, 1)
    about = bundle.Description("loso5", name, fold, 0.0, 0.1, values, seed, best)
    bundle.save(folder, about, states, bundle.architecture(name, form))
    HISTORY.write(folder, history(list(system.networks)))


def history(networks: list[str]) -> pd.DataFrame:
    rows = [
        {"network": network, "epoch": epoch, "train_loss": 3.0 / epoch, "development_loss": 3.1 / epoch}
        | {f"development_uar_{task}": 0.3 + 0.1 * epoch for task in TASKS}
        | {"development_uar": 0.3 + 0.1 * epoch}
        for network in networks
        for epoch in (1, 2)
    ]
    return pd.DataFrame(rows)


def write_reports(folder: Path, models: Path) -> None:
    """Reports as of these trained folds, a folder each."""
    (folder / "evaluation").mkdir(parents=True)
    (folder / "attention").mkdir()
    score = {"value": 0.5, "low": 0.4, "high": 0.6, "n": 20}
    by_task = {task: {"uar": score, "ccc": score, "mae": score} for task in TASKS}
    partitions = {"test": by_task, "development": by_task} | {f"test@{fold}": by_task for fold in FOLDS}
    systems = {"chance": {"test": by_task}, "mtl-att": partitions}
    write_metrics(folder / METRICS, folder / "evaluation", {"loso5": systems})
    evaluation.TESTED.write(folder / "evaluation", _tested())
    evaluation.GROUPS.write(folder / "evaluation", pd.DataFrame(columns=list(evaluation.GROUPS.columns)))
    sources.write(folder / "evaluation", [_predicted(path) for path in sorted(models.iterdir())])
    write_analysis(folder / "attention", {})
    page.write(folder / page.FILE, "<html>the page</html>")


def _tested() -> pd.DataFrame:
    """A single prediction beside the truth."""
    said = {"low": 0.8, "middle": 0.1, "high": 0.1, "predicted": np.int8(0), "score": 1.5, "rating": 1.0}
    key = {"system": "mtl-att", "fold": "session1", "partition": "test", "utterance": "a", "task": "arousal"}
    return pd.DataFrame([{**key, **said, "actual": np.int8(0), **WHO}])


def _predicted(model: Path) -> Run:
    about = read_description(model)
    weights = about["weights_sha256"]
    constants = dict.fromkeys(TASKS, 1), dict.fromkeys(TASKS, 3.0)
    return Run(model, Provenance(about["protocol"], about["system"], about["fold"], weights, *constants))


def voice(seconds: float, rate: int = RATE, seed: int = 0) -> np.ndarray:
    """A tone with noise that fades, float32 in [-1, 1), on the 16-bit grid."""
    generator = np.random.default_rng(seed)
    time = np.arange(round(seconds * rate)) / rate
    tone = 0.3 * np.sin(2 * np.pi * (120 + 40 * seed) * time) * np.exp(-time)
    wave = tone + 0.02 * generator.standard_normal(len(time))
    return (np.rint(wave * 32768) / 32768).astype(np.float32)


def write_wav(path: Path, wave: np.ndarray, rate: int = RATE) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    soundfile.write(path, wave, rate, subtype="PCM_16")
    return path
