"""Write the report page from all results of the graph."""

import os
from collections.abc import Sequence
from pathlib import Path

from rich.markup import escape

from attune import lineage
from attune.artifacts import curves as learning
from attune.artifacts.attention import peakedness, read_analysis, read_figures, read_findings
from attune.artifacts.door import reading
from attune.artifacts.evaluation import CEILING, GROUPS, LEARNING, PUBLISHED, RELIABILITY, read_confusions
from attune.artifacts.evaluation import read_findings as read_told
from attune.artifacts.history import read as read_history
from attune.artifacts.metrics import read as read_metrics
from attune.artifacts.models import find as find_models
from attune.artifacts.models import read_description
from attune.artifacts.page import write as write_page
from attune.artifacts.utterances import read_tasks, spans
from attune.artifacts.validation import QUARANTINE, read_found
from attune.card import gather
from attune.corpus.contract import read_about
from attune.corpus.origin import Origin, of_corpus
from attune.environment import PIPELINE_RUN
from attune.params import Params
from attune.report.contents import Contents, Run
from attune.report.examples import choose
from attune.report.page import render
from attune.steps.gathering import report_inputs as inputs
from attune.tasks import Tasks
from attune.terminal import Console
from attune.visible import on_a_line
from attune.waveform.store import Store

READS = ("protocol", "folds", "systems", "evaluate", "report", "register")


def run(
    params: Params,
    *,
    corpus: Path,
    validated: Path,
    store: Path,
    models: Sequence[Path],
    predictions: Sequence[Path],
    metrics: Path,
    evaluation: Path,
    attention: Path,
    curves: Path,
    out: Path,
) -> None:
    """Write `out`, a self-contained HTML file, and `curves`, every epoch of every training run.

    Raises:
        AttuneError: an input is missing, cannot be read, or does not belong to this run.
    """
    cues = spans(corpus)
    tasks = read_tasks(validated)
    told = _told(params, tasks, of_corpus(read_about(corpus)))
    utterances = inputs.utterances(validated)
    tested = inputs.tested(evaluation, told)
    runs = inputs.runs(predictions, told)
    folders = find_models(models, {(run.system, run.fold): run.provenance.weights_sha256 for run in runs})
    chosen = choose(
        tested[tested["system"] == told.main_system],
        peakedness(attention, told.main_system),
        utterances["duration"],
        params.report.examples,
        told.classes,
    )
    sounds = Store(store)
    weights = inputs.attention_weights(runs, chosen.keys(), sounds)
    histories = {key: read_history(folder, told.tasks) for key, folder in folders.items()}
    groups, analysis, findings = GROUPS.read(evaluation), read_analysis(attention), read_findings(attention)
    scores = read_metrics(metrics, evaluation)
    with reading(metrics, "evaluate"):
        scores.require(told.protocol, told.systems)
    card = gather(
        params,
        tasks=tasks,
        system=params.register_.system if params.register_.system in told.systems else told.main_system,
        origin=told.origin,
        metrics=scores,
        groups=groups,
        findings=findings,
        git=lineage.git_state(Path()),
    )
    page = render(
        Contents(
            run=told,
            scores=scores,
            card=card,
            data_md5=_data_md5(),
            pipeline_run=os.environ.get(PIPELINE_RUN) or None,
            tested=tested,
            confusion=read_confusions(evaluation),
            models={key: read_description(folder) for key, folder in folders.items()},
            histories=histories,
            corpus=utterances,
            validation=read_found(validated),
            quarantine=QUARANTINE.read(validated),
            examples=inputs.examples(chosen, utterances, cues, sounds, weights),
            published=PUBLISHED.read(evaluation),
            groups=groups,
            reliability=RELIABILITY.read(evaluation),
            ceiling=CEILING.read(evaluation),
            learning=LEARNING.read(evaluation),
            told=read_told(evaluation),
            attention=analysis,
            findings=findings,
            figures=read_figures(attention),
        )
    )
    learning.write(curves, histories)
    write_page(out, page)
    size = len(page.encode("utf-8")) / 1e6
    said = f"{size:.1f} MB, {len(chosen)} utterances to look at and listen to"
    Console().print(f"{escape(on_a_line(out))}: {said}", highlight=False)


def _data_md5() -> dict[str, str]:
    """Return MD5 sums of the corpus and what was derived from it before training, if DVC or the pipeline knows them."""
    return {path: md5 for path, md5 in lineage.data_md5(Path()).items() if Path(path).parts[0] in ("data", "corpus")}


def _told(params: Params, tasks: Tasks, origin: Origin) -> Run:
    return Run(
        protocol=params.protocol,
        folds=params.folds,
        systems=params.systems,
        origin=origin,
        resamples=params.evaluate.resamples,
        confidence=params.evaluate.confidence,
        seed=params.evaluate.seed,
        classes={task.name: task.classes for task in tasks},
        scales={task.name: task.scale for task in tasks if task.rated},
    )
