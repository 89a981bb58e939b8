"""Ask of the attention weights how peaked they are, whether they follow energy, whether they find the known cue."""

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from rich.console import Console
from rich.progress import track

from attune.artifacts.attention import MEASURES, enter_figures, write_analysis
from attune.artifacts.models import find as find_models
from attune.artifacts.predictions import PREDICTIONS, WEIGHTS, Run, check_covers, find
from attune.artifacts.utterances import ACCEPTED, CUES, is_synthetic
from attune.attention.figures import draw
from attune.attention.findings import findings
from attune.attention.fits import fit
from attune.attention.measures import KEY, Heard, check, measure
from attune.attention.probed import Estimates
from attune.attention.probed import summarise as probe_summary
from attune.attention.probed_findings import findings as probe_findings
from attune.attention.summary import Means, Summary, summarise
from attune.attention.windows import energy, inside
from attune.corpus.labels import to_class
from attune.errors import AttuneError
from attune.evaluation.bootstrap import Estimate, holm, mean
from attune.evaluation.bootstrap import draw as resample
from attune.evaluation.clustered import Clustered
from attune.files import whole_folder
from attune.findings import to_json
from attune.model import bundle, compute
from attune.model.bundle import Model
from attune.params import TASKS, Params
from attune.steps.attention_probes import Fold, Probed, probe_system
from attune.waveform.store import Store

READS = ("protocol", "folds", "systems", "compute", "evaluate", "attention")

DECIMALS = 6


def run(
    params: Params,
    *,
    corpus: Path,
    validated: Path,
    store: Path,
    models: Sequence[Path],
    predictions: Sequence[Path],
    out: Path,
) -> None:
    """Write attention.json, attention.csv and the figures into `out`; only test utterances are looked at.

    Raises:
        AttuneError: predictions or models that are missing, doubled or of another protocol; weights that lack an
            utterance or do not fit its audio.
    """
    runs = find(predictions, protocol=params.protocol, systems=params.systems, folds=params.folds)
    rows = _all_weights(runs)
    cues, sounds = _cues(corpus), Store(store)
    heard = _heard(rows["utterance"].unique(), sounds, cues)
    check(rows, heard)
    estimates, means = _estimates(params, sorted(heard), validated)
    probed = _probe(params, runs, rows, models, sounds, heard)
    fits = {system: fit(_by_utterance(own), heard, _contributions(probed, system)) for system, own in _systems(rows)}
    table = measure(rows, heard, fits)
    measured = summarise(table, fits, means)
    summaries: dict[str, Summary | None] = {system: measured.get(system) for system in params.systems}
    probes = {system: probe_summary(own.tables, TASKS, estimates) for system, own in probed.items()}
    told = [*findings(summaries, cues_known=cues is not None), *probe_findings(probes)]

    with whole_folder(out) as folder:
        MEASURES.write(folder, table.round(DECIMALS))
        about = _about(params, len(heard), cues is not None)
        written = {**summaries, "probed": probes, "findings": to_json(told), "about": about}
        write_analysis(folder, _rounded(written))
        if measured:
            draw(folder, table, measured)
            enter_figures(folder)
    for finding in told:
        about_what = ", ".join(name for name in (finding.system, finding.task) if name)
        print(f"- {about_what}: {finding.sentence}" if about_what else f"- {finding.sentence}")


def _contributions(probed: Mapping[str, Probed], system: str) -> dict[str, dict[str, NDArray[np.float64]]] | None:
    return probed[system].contributions if system in probed else None


def _systems(rows: pd.DataFrame) -> list[tuple[str, pd.DataFrame]]:
    return [(str(system), own) for system, own in rows.groupby("system", sort=False)]


def _probe(
    params: Params,
    runs: Sequence[Run],
    rows: pd.DataFrame,
    models: Sequence[Path],
    sounds: Store,
    heard: Mapping[str, Heard],
) -> dict[str, Probed]:
    if rows.empty:
        return {}
    attend = [run for run in runs if run.system in set(rows["system"])]
    folders = find_models(models, {(run.system, run.fold): run.provenance.weights_sha256 for run in attend})
    device, settings = compute.prepare(params.compute), params.attention
    probed = {}
    for system, own in _systems(rows):
        tested = {str(fold): sorted(part["utterance"].unique()) for fold, part in own.groupby("fold", sort=False)}
        loaded = {fold: bundle.load(folders[system, fold], device) for fold in tested}
        networks = [Fold(model, tested[fold]) for fold, model in loaded.items() if isinstance(model, Model)]
        if len(networks) == len(tested):  # a system that is no network of the waveform has nothing to mask
            probed[system] = probe_system(system, networks, sounds, heard, probed=settings.probed, seed=settings.seed)
    return probed


def _all_weights(runs: Sequence[Run]) -> pd.DataFrame:
    found = [(run, _weights(run)) for run in runs]
    attentive = {run.system for run, weights in found if len(weights)}
    for run, weights in found:
        if run.system in attentive and weights.empty:
            raise AttuneError(
                "has no weights, and other folds of the system do",
                where=WEIGHTS.path(run.folder),
                remedy=_PREDICT_AGAIN,
            )
    return pd.concat([weights for _, weights in found], ignore_index=True)


def _weights(run: Run) -> pd.DataFrame:
    """The weights of a run's test utterances; no rows for a system without attention."""
    rows = WEIGHTS.read(run.folder, "partition", *KEY, "weights")
    test = rows[rows["partition"] == "test"]
    if len(test):
        predicted = PREDICTIONS.read(run.folder, "partition", "utterance")
        of_test = predicted.loc[predicted["partition"] == "test", "utterance"]
        check_covers(test, {"test": of_test}, where=WEIGHTS.path(run.folder))
    return test.drop(columns="partition").sort_values("utterance", kind="stable", ignore_index=True)


def _by_utterance(rows: pd.DataFrame) -> dict[str, dict[str, NDArray[np.float64]]]:
    """Weights by utterance and task."""
    found: dict[str, dict[str, NDArray[np.float64]]] = {}
    for utterance, task, weights in zip(rows["utterance"], rows["task"], rows["weights"], strict=True):
        found.setdefault(utterance, {})[task] = np.asarray(weights, dtype=np.float64)
    return found


def _cues(corpus: Path) -> pd.DataFrame | None:
    """Where each utterance carries its emotion and how strong that is, by utterance; only a synthetic corpus knows."""
    if not is_synthetic(corpus):
        return None
    table = CUES.read(corpus, "utterance", "start", "end", *TASKS).set_index("utterance")
    felt = table[list(TASKS)]
    table[list(TASKS)] = (felt - felt.mean()) / felt.std(ddof=0)
    return table


def _heard(utterances: Iterable[str], store: Store, cues: pd.DataFrame | None) -> dict[str, Heard]:
    console = Console(stderr=True)
    shown = track(sorted(utterances), "level", console=console, disable=not console.is_terminal, transient=True)
    return {utterance: _known(utterance, store, cues) for utterance in shown}


def _known(utterance: str, store: Store, cues: pd.DataFrame | None) -> Heard:
    level = energy(store[utterance])
    if cues is None or utterance not in cues.index:
        return Heard(level, None)
    start, end, *felt = cues.loc[[utterance], ["start", "end", *TASKS]].to_numpy(float)[0].tolist()
    return Heard(level, inside(len(level), start, end, store.sample_rate), dict(zip(TASKS, felt, strict=True)))


def _estimates(params: Params, utterances: Sequence[str], validated: Path) -> tuple[Estimates, Means]:
    """Means and scores over these utterances with intervals clustered by their speakers and dialogs."""
    path = ACCEPTED.path(validated)
    who = ACCEPTED.read(validated, "utterance", "speaker", "dialog", *TASKS).set_index("utterance")
    unknown = set(utterances) - set(who.index)
    if unknown:
        raise AttuneError(f"lacks {min(unknown)}, of which there are predictions", where=path, remedy=_PREDICT_AGAIN)
    order = pd.Index(utterances)
    settings, own = params.evaluate, who.loc[order]
    draws = resample(own["speaker"], own["dialog"], resamples=settings.resamples, seed=settings.seed)
    actual = pd.DataFrame({task: to_class(own[task]) for task in TASKS}, index=order)
    clustered = Clustered(order, draws, settings.confidence, actual)

    def estimate(values: "pd.Series[float]") -> Estimate:
        return mean(values.reindex(order), draws, settings.confidence)

    rounds, seed = params.attention.rounds, params.attention.seed
    return (
        Estimates(clustered.mean, clustered.uar, clustered.difference, holm),
        Means(estimate, holm, rounds, seed, settings.confidence),
    )


_PREDICT_AGAIN = "Run `attune predict` again on the accepted utterances."


def _about(params: Params, utterances: int, cues: bool) -> dict[str, Any]:
    return {
        "protocol": params.protocol,
        "folds": params.folds,
        "partition": "test",
        "utterances": utterances,
        "confidence": params.evaluate.confidence,
        "resamples": params.evaluate.resamples,
        "rounds": params.attention.rounds,
        "probed": min(params.attention.probed, utterances),
        "cues_known": cues,
    }


def _rounded(values: Any) -> Any:
    """Every float in nested values to 6 decimals, without negative zeros."""
    if isinstance(values, dict):
        return {key: _rounded(value) for key, value in values.items()}
    if isinstance(values, list):
        return [_rounded(value) for value in values]
    return round(values, DECIMALS) + 0.0 if isinstance(values, float) else values
