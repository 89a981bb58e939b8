"""Artifact folders as the graph lays them out, made up: small by default, of any size on request."""

import hashlib
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pandas as pd
import utterance_tables
from reading import IEMOCAP, SYNTHETIC

from attune.artifacts import attention, evaluation, models
from attune.artifacts.history import HISTORY
from attune.artifacts.metrics import FILE as METRICS
from attune.artifacts.metrics import write as write_metrics
from attune.artifacts.predictions import WEIGHTS, Provenance, write_provenance
from attune.artifacts.predictions import table as predictions_of
from attune.artifacts.utterances import CUES
from attune.artifacts.validation import QUARANTINE, write_found
from attune.corpus.contract import write_about
from attune.findings import Finding, to_json
from attune.params import Params
from attune.tasks import CLASSES, PAPER, TASKS
from attune.waveform.store import pack

RATE = 16000
CENTRES = np.array([1.8, 3.0, 4.2])


@dataclass(frozen=True)
class Recipe:
    """What to make up."""

    folds: tuple[str, ...] = ("session1", "session2")
    systems: tuple[str, ...] = ("mtl-att", "stl")
    utterances_per_speaker: int = 4
    seconds: tuple[float, float] = (0.3, 0.6)
    synthetic: bool = True
    speakers_known: bool = True
    corpus: str = "IEMOCAP"
    """The name of one that is not synthetic."""
    groups: bool = True
    published: bool = True
    noise: bool = False
    """White noise at full scale instead of a voice: what no codec makes smaller."""
    texts: dict[str, str] = field(default_factory=dict)
    """Column of the utterance table -> text that replaces every value of it."""


def params(recipe: Recipe, examples: int = 6) -> Params:
    return Params(folds=list(recipe.folds), systems=list(recipe.systems), report={"examples": examples})


def paths(folder: Path) -> dict[str, object]:
    """The arguments of `attune.steps.report.run` for what `build` made."""
    reports = folder / "reports"
    return {
        "corpus": folder / "data/corpus",
        "validated": folder / "data/validated",
        "store": folder / "data/store",
        "models": (folder / "models",),
        "predictions": (folder / "predictions",),
        "metrics": reports / "metrics.json",
        "evaluation": reports / "evaluation",
        "attention": reports / "attention",
        "curves": reports / "curves.csv",
        "out": reports / "index.html",
    }


def build(folder: Path, recipe: Recipe = Recipe()) -> Path:
    """Write every artifact the page reads, and return `folder`."""
    rng = np.random.default_rng(1)
    utterances = _utterances(recipe, rng)
    corpus, validated, store = (folder / "data" / name for name in ("corpus", "validated", "store"))
    for path in (corpus, validated, store):
        path.mkdir(parents=True)
    about = SYNTHETIC if recipe.synthetic else IEMOCAP.model_copy(update={"name": recipe.corpus})
    write_about(about.model_copy(update={"speakers_known": recipe.speakers_known}), corpus)
    if recipe.synthetic:
        CUES.write(corpus, _cues(utterances))
    _validated(validated, utterances, recipe)
    pack(store, ((row.utterance, _sound(row, recipe, rng)) for row in utterances.itertuples()), sample_rate=RATE)
    rows = pd.concat([_system(folder, system, recipe, utterances, rng) for system in recipe.systems], ignore_index=True)
    _reports(folder / "reports", rows, recipe, rng)
    return folder


def _utterances(recipe: Recipe, rng: np.random.Generator) -> pd.DataFrame:
    rows = []
    for session in range(1, 6):
        for gender in "FM":
            for number in range(recipe.utterances_per_speaker):
                ratings = np.clip(np.round(rng.normal(3, 1, 3) * 2) / 2, 1, 5)
                dialog = f"Ses0{session}F_{('impro', 'script')[number % 2]}0{number % 3 + 1}"
                rows.append(
                    {
                        "utterance": recipe.texts.get("utterance", "") + f"{dialog}_{gender}{number:03d}",
                        "dialog": dialog,
                        "session": session,
                        "speaker": recipe.texts.get("speaker", "") + f"Ses0{session}{gender}",
                        "gender": gender,
                        "scenario": ("improvised", "scripted")[number % 2],
                        "category": recipe.texts.get("category", "neu"),
                        "transcript": recipe.texts.get("transcript", "I never said that I would come."),
                        "duration": float(rng.uniform(*recipe.seconds)),
                        **dict(zip(TASKS, ratings, strict=True)),
                    }
                )
    return pd.DataFrame(rows).sort_values("utterance", ignore_index=True)


def _cues(utterances: pd.DataFrame) -> pd.DataFrame:
    start = utterances["duration"] * 0.35
    return utterances[["utterance", *TASKS]].assign(start=start, end=start * 2)


def _validated(folder: Path, utterances: pd.DataFrame, recipe: Recipe) -> None:
    utterance_tables.write_accepted(folder, utterances)
    counts = {"all": len(utterances) + 1, "accepted": len(utterances), "quarantined": 1}
    rules = [
        {"rule": "known-session", "action": "stop", "description": "The session is 1 to 5.", "checked": 9, "failed": 0},
        {
            **{"rule": "valence-in-range", "action": "quarantine", "checked": 9, "failed": 1},
            "description": "A valence lies between 1 and 5.",
        },
    ]
    write_found(folder, {"utterances": counts, "rules": rules})
    quarantined = {
        "utterance": [recipe.texts.get("utterance", "") + "Ses03M_impro07_M003"],
        "rule": ["valence-in-range"],
        "severity": ["warning"],
        "value": [recipe.texts.get("transcript", "5.5")],
        "source": ["Session3/dialog/EmoEvaluation/Ses03M_impro07.txt"],
        "line": [12],
        "audio": ["Session3/sentences/wav/Ses03M_impro07/Ses03M_impro07_M003.wav"],
    }
    QUARANTINE.write(folder, pd.DataFrame(quarantined))


def _sound(row, recipe: Recipe, rng: np.random.Generator) -> np.ndarray:
    """A buzz with syllables: loud, quiet, loud, pause."""
    time = np.arange(round(row.duration * RATE)) / RATE
    if recipe.noise:
        return rng.integers(-32768, 32768, len(time)).astype(np.int16)
    pitch = 110 if row.gender == "M" else 200
    buzz = sum(np.sin(2 * np.pi * pitch * k * time + k) / k for k in range(1, 12))
    syllables = np.clip(np.sin(2 * np.pi * (3 + rng.random()) * time + rng.random()), 0.02, None)
    return np.round(9000 * buzz / 3 * syllables + rng.normal(0, 60, len(time))).astype(np.int16)


def _system(folder: Path, system: str, recipe: Recipe, utterances: pd.DataFrame, rng) -> pd.DataFrame:
    parts = []
    for fold in recipe.folds:
        _model(folder / "models" / system / fold, system, fold, rng)
        rows = _predictions(system, fold, utterances, rng)
        out = folder / "predictions" / system / fold
        out.mkdir(parents=True)
        form = predictions_of(PAPER)
        form.write(out, rows[list(form.columns)])
        WEIGHTS.write(out, _attention(rows if system.endswith("-att") else rows[:0], utterances, rng))
        write_provenance(out, _provenance(system, fold))
        parts.append(rows)
    return pd.concat(parts, ignore_index=True)


def _model(folder: Path, system: str, fold: str, rng) -> None:
    folder.mkdir(parents=True)
    model = {"protocol": "loso5", "system": system, "fold": fold, "seed": 1, "parameters": 1990409}
    model["architecture"] = {}
    models.write(folder, model, _weights(system, fold))
    networks = {task: [task] for task in TASKS} if system.startswith("stl") else {"all": list(TASKS)}
    rows = []
    for network, tasks in networks.items():
        for epoch in range(1, 9):
            loss = 0.6 + 2.6 * np.exp(-epoch / 3) + rng.normal(0, 0.03)
            uar = {task: 0.66 - 0.3 * np.exp(-epoch / 2.5) + rng.normal(0, 0.02) for task in tasks}
            rows.append(
                {
                    **{"network": network, "epoch": epoch, "train_loss": loss, "development_loss": loss + 0.05 * epoch},
                    **{f"development_uar_{task}": uar.get(task, np.nan) for task in TASKS},
                    "development_uar": float(np.mean(list(uar.values()))),
                }
            )
    HISTORY.write(folder, pd.DataFrame(rows))


def _weights(system: str, fold: str) -> bytes:
    return f"no network: {system} on {fold}".encode()


def _provenance(system: str, fold: str) -> Provenance:
    digest = hashlib.sha256(_weights(system, fold)).hexdigest()
    return Provenance("loso5", system, fold, digest, dict.fromkeys(TASKS, 1), dict.fromkeys(TASKS, 3.0))


def _predictions(system: str, fold: str, utterances: pd.DataFrame, rng) -> pd.DataFrame:
    own = utterances[utterances["session"] == int(fold[-1])]
    rows = []
    for row in own.itertuples():
        for task in TASKS:
            rating = getattr(row, task)
            odds = np.exp(-1.6 * (rating + rng.normal(0, 0.7) - CENTRES) ** 2 * rng.uniform(0.3, 1.5))
            p = odds / odds.sum()
            rows.append(
                {
                    **{"system": system, "fold": fold, "partition": "test", "utterance": row.utterance, "task": task},
                    **dict(zip(CLASSES, p, strict=True)),
                    **{"predicted": np.int8(p.argmax()), "score": float(p @ CENTRES)},
                    **{"rating": rating, "actual": np.int8(PAPER[0].to_class(rating)), "speaker": row.speaker},
                    **{"gender": row.gender, "scenario": row.scenario, "dialog": row.dialog, "session": row.session},
                }
            )
    return pd.DataFrame(rows)


def _attention(rows: pd.DataFrame, utterances: pd.DataFrame, rng) -> pd.DataFrame:
    seconds = utterances.set_index("utterance")["duration"]
    weights = []
    for row in rows.itertuples():
        windows = max(1, (round(seconds[row.utterance] * RATE) - 640) // 160 + 1)
        place = np.arange(windows) / windows
        peak = (
            1
            + rng.uniform(0.2, 4) * np.exp(-(((place - rng.uniform(0.2, 0.8)) / 0.12) ** 2))
            + rng.normal(0, 0.05, windows)
        )
        weights.append((np.abs(peak) / np.abs(peak).sum()).astype(np.float32))
    keys = rows[["system", "fold", "partition", "utterance", "task"]].reset_index(drop=True)
    return keys.assign(weights=pd.Series(weights, dtype=object))


def _reports(folder: Path, rows: pd.DataFrame, recipe: Recipe, rng) -> None:
    (folder / "evaluation").mkdir(parents=True)
    (folder / "attention").mkdir()
    out = folder / "evaluation"
    write_metrics(folder / METRICS, out, {"loso5": _metrics(rows, recipe)})
    evaluation.TESTED.write(out, rows)
    confusion = {
        system: {task: _confusion(own[own["task"] == task]) for task in TASKS}
        for system, own in rows.groupby("system", sort=False)
    }
    evaluation.write_confusions(out, confusion)
    groups = _groups(rows, rng)
    evaluation.GROUPS.write(out, groups if recipe.groups else groups[:0])
    _depth_reports(out, rows, recipe)
    published = [
        {
            **{"system": "mtl-att", "name": name, "partition": part, "task": task},
            **{"uar": uar, "significant_in_paper": False},
        }
        for name, uar in (("88 eGeMAPS functionals + SVM", 0.505), ("end-to-end, multi-task + attention", 0.551))
        for part in ("development", "test")
        for task in TASKS
        if recipe.published
    ]
    evaluation.PUBLISHED.write(out, pd.DataFrame(published, columns=list(evaluation.PUBLISHED.columns)))
    _attention_reports(folder / "attention", rows, recipe, rng)


def _depth_reports(out: Path, rows: pd.DataFrame, recipe: Recipe) -> None:
    bins = [(b, 9 * (b - 3), 0.05 + b / 10, 0.02 + b / 11) for b in range(4, 10)]
    reliability = [
        {
            **{"system": system, "task": task, "predictions": kind, "bin": b, "n": n, "confidence": sure},
            **{"accuracy": right, "low": right - 0.05, "high": min(right + 0.06, 1)},
        }
        for system in recipe.systems
        for task in TASKS
        for kind in ("as trained", "with temperature")
        for b, n, sure, right in bins
    ]
    evaluation.RELIABILITY.write(out, pd.DataFrame(reliability))
    ceiling = [
        {"system": recipe.systems[0], "task": task, "score": "uar", **_entry(0.86, 0.02, 40), "raters": 2.3}
        for task in TASKS
    ]
    evaluation.CEILING.write(out, pd.DataFrame(ceiling))
    learning = [
        {"system": recipe.systems[-1], "task": task, "share": share, "training": 240 * share, "score": "uar"}
        | _entry(0.4 + share / 10, 0.06, 40)
        | dict.fromkeys(("over_value", "over_low", "over_high", "over_p", "over_p_holm"), 0.1)
        for task in TASKS
        for share in (0.25, 0.5, 0.75, 1.0)
    ]
    evaluation.LEARNING.write(out, pd.DataFrame(learning))
    kinds = ("calibration", "ceiling", "sessions-uar", "sessions-ccc", "speaker-worst", "speaker-best", "regression")
    kinds = (*kinds, "learning")
    told = [
        Finding(system, task, kind, f"What {kind} says of {system} and {task}, n = 40: nothing.", {"value": 0.1})
        for system in recipe.systems
        for task in TASKS
        for kind in kinds
    ]
    evaluation.write_findings(out, told)


def _confusion(rows: pd.DataFrame) -> list[list[int]]:
    counts = np.zeros((3, 3), int)
    np.add.at(counts, (rows["actual"].to_numpy(int), rows["predicted"].to_numpy(int)), 1)
    return counts.tolist()


def _metrics(rows: pd.DataFrame, recipe: Recipe) -> dict:
    metrics: dict = {}
    parts = {"test": rows, **{f"test@{fold}": rows[rows["fold"] == fold] for fold in recipe.folds}}
    for name, part in parts.items():
        for system in recipe.systems:
            for task in TASKS:
                own = part[(part["system"] == system) & (part["task"] == task)]
                metrics.setdefault(system, {}).setdefault(name, {})[task] = _scores(own)
        n = len(own)
        for baseline, spread in (("chance", 0.0), ("majority", 0.004)):
            uar = {"value": 1 / 3, "low": 1 / 3 - spread, "high": 1 / 3 + spread, "n": n}
            worse = {"ccc": _entry(0.0, 0.0, n), "mae": _entry(0.9, 0.05, n)} if baseline == "majority" else {}
            metrics.setdefault(baseline, {})[name] = {task: {"uar": uar, **worse} for task in TASKS}
    return metrics


def _scores(rows: pd.DataFrame) -> dict:
    n = len(rows)
    recalls = (rows["predicted"] == rows["actual"]).groupby(rows["actual"]).mean()
    mae = (rows["score"] - rows["rating"]).abs().mean()
    ccc = np.corrcoef(rows["score"], rows["rating"])[0, 1]
    return {"uar": _entry(recalls.mean(), 0.06, n), "ccc": _entry(ccc, 0.07, n), "mae": _entry(mae, 0.04, n)}


def _entry(value: float, spread: float, n: int) -> dict:
    return {"value": float(value), "low": float(value - spread), "high": float(value + spread), "n": n}


def _groups(rows: pd.DataFrame, rng) -> pd.DataFrame:
    table = []
    for grouping in ("gender", "scenario", "speaker"):
        for (system, task, group), own in rows.groupby(["system", "task", grouping]):
            value = float((own["predicted"] == own["actual"]).mean())
            entry = {"value": value, "low": max(value - 0.08, 0), "high": min(value + 0.08, 1), "n": len(own)}
            table.append(
                {"system": system, "task": task, "grouping": grouping, "group": group, "score": "uar", **entry}
            )
    return pd.DataFrame(table)


def _attention_reports(folder: Path, rows: pd.DataFrame, recipe: Recipe, rng) -> None:
    attended = [system for system in recipe.systems if system.endswith("-att")]
    table = rows.loc[rows["system"].isin(attended), ["system", "fold", "utterance", "task"]]
    attention.MEASURES.write(folder, table.assign(entropy=rng.uniform(0.85, 0.99, len(table))))
    summary = {task: _attention_summary(recipe, len(table) // len(TASKS)) for task in TASKS}
    said = "Attention is not uniform, spread out over about 62 windows (normalised entropy 0.93 [0.92, 0.94])."
    kinds = ("entropy", "energy", "faithfulness-attention", "learnt", *(("cue",) if recipe.synthetic else ()))
    findings = [
        Finding(system, task, kind, f"{said} ({system}, {task}, {kind})", {"value": 0.93})
        for system in attended
        for task in TASKS
        for kind in kinds
    ]
    findings += [
        Finding(system, None, "absent", "It has no attention.") for system in recipe.systems if system not in attended
    ]
    values = {system: summary if system in attended else None for system in recipe.systems}
    probed = {system: _probed(recipe) for system in attended}
    found = {"findings": to_json(findings), "nulls": _nulls(recipe, attended), "probed": probed}
    attention.write_analysis(folder, {**values, **found, "about": {"rounds": 20}})
    (folder / "entropy.svg").write_text(
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 90 30"><path id="a"/></svg>'
    )
    attention.enter_figures(folder)


def _nulls(recipe: Recipe, attended: list[str]) -> dict:
    shape = [1, 2, 4, 7, 5, 1]
    energy = {"energy_correlation": {"low": -0.04, "high": 0.05, "counts": shape}}
    cues = {name: {"low": 0.31, "high": 0.39, "counts": shape} for name in ("cue_hit", "contribution_hit")}
    own = energy | (cues if recipe.synthetic else {})
    return {system: dict.fromkeys(TASKS, own) for system in attended}


def _probed(recipe: Recipe) -> dict:
    orders = ("attention", "contribution", "random windows", "random block", "loudest", "quietest")
    curves = {
        order: {
            "removed": [[0.1, 0.02 + i / 50], [0.3, 0.08 + i / 40], [0.5, 0.15 + i / 30]],
            "only": [[0.1, 0.4 - i / 50], [0.3, 0.25 - i / 40], [0.5, 0.1 - i / 40]],
        }
        for i, order in enumerate(reversed(orders))
    }
    if recipe.synthetic:
        curves["cue"] = {"removed": [[0.45, 0.38]], "only": [[0.45, -0.03]]}
    return {task: {"curves": curves} for task in TASKS}


def _attention_summary(recipe: Recipe, n: int) -> dict:
    measures = {
        "entropy": _entry(0.93, 0.01, n),
        "energy_correlation": _entry(0.31, 0.06, n),
        "energy_correlation_expected": _entry(0.0, 0.02, n),
    }
    cues = {
        "cue_hit": _entry(0.58, 0.07, n),
        "cue_hit_expected": _entry(0.35, 0.01, n),
        "contribution_hit": _entry(0.66, 0.06, n),
        "loudest_hit": _entry(0.4, 0.05, n),
    }
    return measures | cues if recipe.synthetic else measures
