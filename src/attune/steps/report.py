"""Write the page people read, from everything the graph made."""

import os
from collections.abc import Sequence
from pathlib import Path

from rich.console import Console

from attune import lineage
from attune.card import gather
from attune.environment import PIPELINE_RUN
from attune.files import whole_file
from attune.params import Params
from attune.report.examples import choose
from attune.report.material import Material, Run
from attune.report.page import render
from attune.steps import report_inputs as inputs
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
    out: Path,
) -> None:
    """Write `out`, one HTML file that needs nothing beside it.

    Raises:
        AttuneError: an input that is missing, cannot be read, or does not belong to this run.
    """
    cues = inputs.cues(corpus)
    told = _told(params, synthetic=cues is not None)
    utterances = inputs.utterances(validated)
    tested = inputs.tested(evaluation, told)
    folders = inputs.model_folders(models, told)
    chosen = choose(
        tested[tested["system"] == told.main_system],
        inputs.peakedness(attention, told.main_system),
        utterances["duration"],
        params.report.examples,
    )
    weights = inputs.attention_weights(predictions, told, list(chosen))
    groups = inputs.read_csv_if_there(evaluation / "groups.csv")
    analysis = inputs.read_json(attention / "attention.json")
    findings = inputs.findings(attention)
    scores = inputs.scores(metrics, told)
    card = gather(
        params,
        system=params.register_.system if params.register_.system in told.systems else told.main_system,
        synthetic=told.synthetic,
        metrics=inputs.read_json(metrics),
        groups=groups,
        findings=findings,
    )
    page = render(
        Material(
            run=told,
            scores=scores,
            card=card,
            data_md5=_data_md5(),
            pipeline_run=os.environ.get(PIPELINE_RUN) or None,
            tested=tested,
            confusion=inputs.read_json(evaluation / "confusion.json"),
            models={key: inputs.read_json(folder / "model.json") for key, folder in folders.items()},
            histories={key: inputs.read_csv(folder / "history.csv") for key, folder in folders.items()},
            corpus=utterances,
            validation=inputs.read_json(validated / "validation.json"),
            quarantine=inputs.read_csv(validated / "quarantine.csv"),
            examples=inputs.examples(chosen, utterances, cues, Store(store), weights),
            published=inputs.read_csv_if_there(evaluation / "published.csv"),
            groups=groups,
            attention=analysis,
            findings=findings,
            figures={file.stem: file.read_bytes() for file in sorted(attention.glob("*.svg"))},
        )
    )
    with whole_file(out) as path:
        path.write_text(page, encoding="utf-8", newline="\n")
    size = len(page.encode("utf-8")) / 1e6
    Console().print(f"{out}: {size:.1f} MB, {len(chosen)} utterances to look at and listen to", highlight=False)


def _data_md5() -> dict[str, str]:
    """Of the corpus and what was made of it before training, where DVC or the pipeline knows them."""
    return {path: md5 for path, md5 in lineage.data_md5(Path()).items() if Path(path).parts[0] in ("data", "corpus")}


def _told(params: Params, *, synthetic: bool) -> Run:
    return Run(
        protocol=params.protocol,
        folds=params.folds,
        systems=params.systems,
        synthetic=synthetic,
        resamples=params.evaluate.resamples,
        confidence=params.evaluate.confidence,
        seed=params.evaluate.seed,
    )
