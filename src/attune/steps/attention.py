"""Ask of the attention weights how peaked they are, whether they follow energy, whether they find the known cue."""

import json
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import pandas as pd
from rich.console import Console
from rich.progress import track

from attune.attention.figures import draw
from attune.attention.findings import findings
from attune.attention.measures import KEY, Heard, check, measure
from attune.attention.summary import Means, Summary, summarise
from attune.attention.windows import energy, inside
from attune.errors import AttuneError
from attune.evaluation.bootstrap import Estimate, holm, mean
from attune.evaluation.bootstrap import draw as resample
from attune.evaluation.predictions import FILE, Run, check_covers, find, read_table
from attune.files import whole_folder
from attune.findings import to_json
from attune.params import Params
from attune.waveform.store import Store

READS = ("protocol", "folds", "systems", "evaluate", "attention")

DECIMALS = 6

Spans = dict[str, tuple[float, float]]
"""Start and end in seconds, by utterance."""


def run(params: Params, *, corpus: Path, validated: Path, store: Path, predictions: Sequence[Path], out: Path) -> None:
    """Write attention.json, attention.csv and the figures into `out`; only test utterances are looked at.

    Raises:
        AttuneError: predictions that are missing, doubled or of another protocol; weights that lack an utterance or
            do not fit its audio.
    """
    runs = find(predictions, protocol=params.protocol, systems=params.systems, folds=params.folds)
    rows = _all_weights(runs)
    cues = _cues(corpus)
    heard = _heard(rows["utterance"].unique(), Store(store), cues)
    check(rows, heard)
    table, nulls = measure(rows, heard, shifts=params.attention.shifts, seed=params.attention.seed)
    means = _means(params, sorted(heard), validated)
    measured = summarise(table, nulls, means, params.evaluate.confidence)
    summaries: dict[str, Summary | None] = {system: measured.get(system) for system in params.systems}
    told = findings(summaries, cues_known=cues is not None)

    with whole_folder(out) as folder:
        table.round(DECIMALS).to_csv(folder / "attention.csv", index=False)
        about = _about(params, len(heard), cues is not None)
        _write_json(folder / "attention.json", {**summaries, "findings": to_json(told), "about": about})
        if measured:
            draw(folder, table, measured)
    for finding in told:
        about_what = ", ".join(name for name in (finding.system, finding.task) if name)
        print(f"- {about_what}: {finding.sentence}" if about_what else f"- {finding.sentence}")


def _all_weights(runs: Sequence[Run]) -> pd.DataFrame:
    found = [(run, _weights(run)) for run in runs]
    attentive = {run.system for run, weights in found if len(weights)}
    for run, weights in found:
        if run.system in attentive and weights.empty:
            raise AttuneError(
                "has no weights, and other folds of the system do", where=_file(run), remedy=_PREDICT_AGAIN
            )
    return pd.concat([weights for _, weights in found], ignore_index=True)


def _file(run: Run) -> Path:
    return run.folder / "attention.parquet"


def _weights(run: Run) -> pd.DataFrame:
    """The weights of a run's test utterances; no rows for a system without attention."""
    path = _file(run)
    rows = read_table(path, ("partition", *KEY, "weights"))
    test = rows[rows["partition"] == "test"]
    if len(test):
        predicted = read_table(run.folder / FILE, ("partition", "utterance"))
        check_covers(test, {"test": predicted.loc[predicted["partition"] == "test", "utterance"]}, where=path)
    return test.drop(columns="partition")


def _cues(corpus: Path) -> Spans | None:
    """Where each utterance carries its emotion; only a synthetic corpus knows."""
    path = corpus / "cues.parquet"
    if not path.exists():
        return None
    table = read_table(path, ("utterance", "start", "end"))
    return dict(zip(table["utterance"], zip(table["start"], table["end"], strict=True), strict=True))


def _heard(utterances: Iterable[str], store: Store, cues: Spans | None) -> dict[str, Heard]:
    console = Console(stderr=True)
    shown = track(sorted(utterances), "energy", console=console, disable=not console.is_terminal, transient=True)
    heard = {}
    for utterance in shown:
        level, known = energy(store[utterance]), None
        if cues is not None and utterance in cues:
            known = inside(len(level), *cues[utterance], store.sample_rate)
        heard[utterance] = Heard(level, known)
    return heard


def _means(params: Params, utterances: Sequence[str], validated: Path) -> Means:
    """Means over these utterances with intervals clustered by their speakers and dialogs."""
    path = validated / "utterances.parquet"
    who = read_table(path, ("utterance", "speaker", "dialog")).set_index("utterance")
    unknown = set(utterances) - set(who.index)
    if unknown:
        raise AttuneError(f"lacks {min(unknown)}, of which there are predictions", where=path, remedy=_PREDICT_AGAIN)
    order = pd.Index(utterances)
    settings, own = params.evaluate, who.loc[order]
    draws = resample(own["speaker"], own["dialog"], resamples=settings.resamples, seed=settings.seed)

    def estimate(values: "pd.Series[float]") -> Estimate:
        return mean(values.reindex(order), draws, settings.confidence)

    return Means(estimate, holm)


_PREDICT_AGAIN = "Run `attune predict` again on the accepted utterances."


def _about(params: Params, utterances: int, cues: bool) -> dict[str, Any]:
    return {
        "protocol": params.protocol,
        "folds": params.folds,
        "partition": "test",
        "utterances": utterances,
        "confidence": params.evaluate.confidence,
        "resamples": params.evaluate.resamples,
        "shifts": params.attention.shifts,
        "cues_known": cues,
    }


def _write_json(path: Path, values: dict[str, Any]) -> None:
    path.write_text(json.dumps(_rounded(values), indent=2, allow_nan=False) + "\n", encoding="utf-8")


def _rounded(values: Any) -> Any:
    """Every float in nested values to 6 decimals, without negative zeros."""
    if isinstance(values, dict):
        return {key: _rounded(value) for key, value in values.items()}
    if isinstance(values, list):
        return [_rounded(value) for value in values]
    return round(values, DECIMALS) + 0.0 if isinstance(values, float) else values
