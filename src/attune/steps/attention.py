"""Analyse attention weights: how peaked they are, whether they follow energy, whether they find the known cue."""

from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import pandas as pd

from attune.artifacts.attention import MEASURES, enter_figures, write_analysis
from attune.artifacts.models import find as find_models
from attune.artifacts.predictions import Run, find
from attune.artifacts.utterances import ACCEPTED, CUES, is_synthetic, read_accepted, read_tasks
from attune.attention.figures import draw
from attune.attention.findings import findings
from attune.attention.fits import fit
from attune.attention.measures import Heard, measure
from attune.attention.probing.findings import findings as probe_findings
from attune.attention.probing.summary import Estimates
from attune.attention.probing.summary import summarise as probe_summary
from attune.attention.summary import Means, Summarised, Summary, summarise
from attune.errors import AttuneError
from attune.evaluation.bootstrap import Estimate, clusters, holm, least_p, mean
from attune.evaluation.bootstrap import draw as resample
from attune.evaluation.clustered import Clustered
from attune.findings import to_json
from attune.model import bundle, compute
from attune.model.bundle import Model
from attune.params import Params
from attune.steps.probing.attended import Attended, Cue, Levels
from attune.steps.probing.attended import read as attention_of
from attune.steps.probing.attention_probes import Fold, Probed, probe_system
from attune.storage.files import whole_folder
from attune.tasks import TASKS, Tasks, names_of
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
    checkpoints: Path,
    out: Path,
) -> None:
    """Write attention.json, attention.csv and the figures into `out`, from test utterances only.

    Slow results are kept in `checkpoints` until the step ends, and an interrupted run resumes from there.

    Raises:
        AttuneError: predictions or models are missing, duplicated or of another protocol; weights lack an utterance or
            do not fit its audio.
    """
    runs = find(predictions, protocol=params.protocol, systems=params.systems, folds=params.folds)
    tasks = read_tasks(validated)
    cues, sounds = _cues(corpus), Store(store)
    attended = attention_of(runs, sounds, beside=out)
    everybody = {u for own in attended.values() for names in own.tested.values() for u in names}
    heard = Levels(sorted(everybody), sounds, cues, beside=out)
    estimates, means = _estimates(params, sorted(heard), tasks, validated)
    probed = _probe(params, runs, attended, models, sounds, heard, checkpoints, out)
    tables = [measure([], heard, {})]
    summarised: dict[str, Summarised] = {}
    for system, own in attended.items():
        fits = {system: fit(own.weights, heard, probed[system].contributions if system in probed else None)}
        tables.append(measure(own.parts(system), heard, fits))
        summarised |= summarise(tables[-1], fits, means)
    table = pd.concat(tables[1:], ignore_index=True) if len(tables) > 2 else tables[-1]
    measured = {system: found.measures for system, found in summarised.items()}
    summaries: dict[str, Summary | None] = {system: measured.get(system) for system in params.systems}
    probes = {system: probe_summary(own.tables, names_of(tasks), estimates) for system, own in probed.items()}
    told = [*findings(summaries, cues_known=cues is not None), *probe_findings(probes)]

    with whole_folder(out) as folder:
        MEASURES.write(folder, table.round(DECIMALS))
        about = _about(params, len(heard), cues is not None)
        written = {
            **summaries,
            "nulls": _nulls(summarised),
            "probed": probes,
            "findings": to_json(told),
            "about": about,
        }
        write_analysis(folder, _rounded(written))
        if measured:
            draw(folder, table, measured)
            enter_figures(folder)
    for finding in told:
        about_what = ", ".join(name for name in (finding.system, finding.task) if name)
        print(f"- {about_what}: {finding.sentence}" if about_what else f"- {finding.sentence}")


def _nulls(summarised: Mapping[str, Summarised]) -> dict[str, Any]:
    """Return ``low, high, counts`` of the null's histogram, by system, task and measure."""
    return {
        system: {task: {name: null._asdict() for name, null in own.items()} for task, own in found.nulls.items()}
        for system, found in summarised.items()
    }


def _probe(
    params: Params,
    runs: Sequence[Run],
    attended: Mapping[str, Attended],
    models: Sequence[Path],
    sounds: Store,
    heard: Mapping[str, Heard],
    checkpoints: Path,
    beside: Path,
) -> dict[str, Probed]:
    if not attended:
        return {}
    attend = [run for run in runs if run.system in attended]
    folders = find_models(models, {(run.system, run.fold): run.provenance.weights_sha256 for run in attend})
    device, settings = compute.prepare(params.compute), params.attention
    probed = {}
    for system, own in attended.items():
        loaded = {fold: bundle.load(folders[system, fold], device) for fold in own.tested}
        networks = [Fold(model, own.tested[fold]) for fold, model in loaded.items() if isinstance(model, Model)]
        if len(networks) == len(own.tested):  # a system that is not a network on the waveform has nothing to mask
            limits, places = {"probed": settings.probed, "seed": settings.seed}, (checkpoints, beside)
            probed[system] = probe_system(system, networks, sounds, heard, places, **limits)
    return probed


def _cues(corpus: Path) -> dict[str, Cue] | None:
    """Return each utterance's cue and how strong its emotion is; None for a corpus that is not synthetic."""
    if not is_synthetic(corpus):
        return None
    table = CUES.read(corpus, "utterance", "start", "end", *TASKS)
    felt = table[list(TASKS)]
    deviations = ((felt - felt.mean()) / felt.std(ddof=0)).to_dict("records")
    spans = zip(table["utterance"], table["start"], table["end"], deviations, strict=True)
    return {utterance: (start, end, {str(task): z for task, z in own.items()}) for utterance, start, end, own in spans}


def _estimates(params: Params, utterances: Sequence[str], tasks: Tasks, validated: Path) -> tuple[Estimates, Means]:
    """Return estimators of means and scores over these utterances, with intervals clustered by speaker and dialog."""
    path = ACCEPTED.path(validated)
    who = read_accepted(validated, "utterance", "speaker", "dialog").set_index("utterance")
    unknown = set(utterances) - set(who.index)
    if unknown:
        raise AttuneError(f"lacks {min(unknown)}, for which there are predictions", where=path, remedy=_PREDICT_AGAIN)
    order = pd.Index(utterances)
    settings, own = params.evaluate, who.loc[order]
    draws = resample(own["speaker"], own["dialog"], resamples=settings.resamples, seed=settings.seed)
    actual = pd.DataFrame({task.name: task.to_class(own[task.name]) for task in tasks}, index=order)
    clustered = Clustered(order, draws, settings.confidence, actual, tasks, who=own)

    def independent(values: "pd.Series[float]") -> int:
        counted = own.loc[values.dropna().index]
        return clusters(counted["speaker"], counted["dialog"])

    def estimate(values: "pd.Series[float]", share: bool) -> Estimate:
        return mean(values.reindex(order), draws, settings.confidence, independent(values) if share else None)

    def least(values: "pd.Series[float]") -> float:
        return least_p(independent(values))

    rounds, seed = params.attention.rounds, params.attention.seed
    return (
        Estimates(clustered.mean, partial(clustered.mean, share=True), clustered.uar, clustered.difference, holm),
        Means(estimate, holm, rounds, seed, settings.confidence, least),
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
    """Round every float in nested values to 6 decimals, without negative zeros."""
    if isinstance(values, dict):
        return {key: _rounded(value) for key, value in values.items()}
    if isinstance(values, list):
        return [_rounded(value) for value in values]
    return round(values, DECIMALS) + 0.0 if isinstance(values, float) else values
