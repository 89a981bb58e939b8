"""The published table reproduced on one's own folds: as Markdown, HTML, JSON, and a summary for the terminal."""

import json
from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any, NamedTuple

import pandas as pd
from jinja2 import Environment, PackageLoader, StrictUndefined

from attune.evaluation.paper_table import BASELINE, SHOWN
from attune.evaluation.published import TABLE, Published
from attune.numbers import NO_INTERVAL, fixed, level, listed, p_value, percent, percent_spread, signed, spread
from attune.params import Params
from attune.report.published import attention as paper_attention
from attune.report.published.settings import HEAD, settings
from attune.tasks import Task, Tasks, names_of

TITLE = "The published table on these folds"
_DIGITS = 6
_SEEDS = (
    ", and of the seeds of each network: they cover who was heard and how training turned out, the latter as far as so "
    "few seeds can tell."
)
_ONE_SEED = (
    ". They cover who was heard, not how training turned out: networks differ from seed to seed, and one seed does not "
    "show by how much (paper_table.seeds)."
)

Cells = Sequence[str]
Entry = Mapping[str, Any]


class About(NamedTuple):
    """The parameters and tasks of the table."""

    params: Params
    tasks: Tasks
    apart: Sequence[Mapping[str, Any]] = ()
    """From `attune.attention.seeds.summarise`."""

    @property
    def sentences(self) -> list[str]:
        """The sentences above the tables."""
        params, folds = self.params, ", ".join(self.params.folds)
        seeds = [str(seed) for seed in params.paper_table.seeds]
        return [
            f"{params.protocol}: {folds}. "
            f"{f'The mean over seeds {listed(seeds)}' if len(seeds) > 1 else f'Seed {seeds[0]}'} of scores pooled over "
            "folds. A support vector machine is deterministic and has one.",
            f"{level(params.evaluate.confidence)} intervals from {params.evaluate.resamples} resamples of "
            f"speakers, their dialogs and utterances{_SEEDS if len(seeds) > 1 else _ONE_SEED} The development "
            "partition decided when training stopped and which C was used, so its scores are optimistic.",
            *self._differences,
            "Published figures are of IEMOCAP, one run; * is significant there, by the paper's test.",
        ]

    @property
    def _differences(self) -> list[str]:
        table = self.params.paper_table
        if not _compares(table.systems):
            return []
        return [
            f"Differences are in test UAR, relative to {BASELINE}: each resample draws the same utterances for both"
            f"{', and seeds of each' if len(table.seeds) > 1 else ''}. p is two-sided, adjusted by Holm over all "
            "systems and tasks of this table. The column marked as the paper's is its one-tailed z-test on the same "
            "scores, which treats utterances as independent and the systems as unpaired."
        ]


class Part(NamedTuple):
    """A table with title, head, and rows of cells."""

    title: str
    head: Cells
    rows: Sequence[Cells]
    sentences: Cells = ()


def markdown(records: pd.DataFrame, about: About) -> str:
    """Return everything as Markdown."""
    blocks = [f"# {TITLE}", *about.sentences]
    for part in _parts(records, about):
        lines = [part.head, ["---"] * len(part.head), *part.rows]
        table = "\n".join(f"| {' | '.join(cells)} |" for cells in lines)
        blocks += [f"## {part.title}", *part.sentences, table]
    return "\n\n".join(blocks) + "\n"


def page(records: pd.DataFrame, about: About) -> str:
    """Return everything as one HTML file that works offline."""
    template = _environment().get_template("paper_table.html")
    return template.render(title=TITLE, sentences=about.sentences, parts=_parts(records, about))


def record(records: pd.DataFrame, about: About) -> str:
    """Return everything as JSON, with scores as fractions."""
    params = about.params
    values = {
        "protocol": params.protocol,
        "folds": params.folds,
        "seeds": params.paper_table.seeds,
        "baseline": BASELINE,
        "confidence": params.evaluate.confidence,
        "resamples": params.evaluate.resamples,
        "scores": json.loads(records.round(_DIGITS).to_json(orient="records")),
        "attention": paper_attention.record(about.apart, _DIGITS),
        "published": [row._asdict() for row in TABLE],
        "settings": [dict(zip(HEAD, cells, strict=True)) for cells in settings(params, about.tasks)],
    }
    return json.dumps(values, indent=2) + "\n"


def brief(records: pd.DataFrame, about: About) -> str:
    """Return only the test UAR, one line per system."""
    tasks = names_of(about.tasks)
    test = _keyed(records[records["partition"] == "test"])
    rows = [[system, *(_score(test[system, task, "test", "uar"]) for task in tasks)] for system in _systems(records)]
    lines = [["test UAR in %", *tasks], *rows]
    widths = [max(len(line[column]) for line in lines) for column in range(len(lines[0]))]
    return "\n".join("  ".join(map(str.ljust, line, widths)).rstrip() for line in lines)


def _parts(records: pd.DataFrame, about: About) -> list[Part]:
    keyed, systems = _keyed(records), _systems(records)
    tables = [_of_task(keyed, systems, task) for task in about.tasks]
    further = [Part(*paper_attention.part(about.apart))] if about.apart else []
    return [*tables, *further, Part("Settings", HEAD, settings(about.params, about.tasks))]


def _compares(systems: Cells) -> bool:
    return BASELINE in systems and len(systems) > 1


def _systems(records: pd.DataFrame) -> list[str]:
    return list(dict.fromkeys(records["system"]))


def _keyed(records: pd.DataFrame) -> dict[tuple[str, str, str, str], Entry]:
    """Records by system, task, partition and score."""
    rows: list[Any] = records.to_dict("records")
    return {(row["system"], row["task"], row["partition"], row["score"]): row for row in rows}


def _of_task(keyed: Mapping[Any, Entry], systems: Cells, task: Task) -> Part:
    published = {row.system: row for row in TABLE if task.name in row.uar}
    scores = [score for score in SHOWN if (systems[0], task.name, "test", score) in keyed]
    has_baseline = _compares(systems)
    head = ["system", "seeds", *(f"{score.upper()}, {part}" for score in scores for part in ("development", "test"))]
    head += [f"test UAR minus that of {BASELINE}", "p (Holm)", "p of the paper's z-test"] if has_baseline else []
    head += ["published UAR, development / test"] if published else []
    rows = []
    for system in systems:
        test = keyed[system, task.name, "test", "uar"]
        cells = [system, str(test["seeds"])]
        cells += [_score(keyed[system, task.name, part, score]) for score in scores for part in ("development", "test")]
        cells += _difference(test) if has_baseline else []
        cells += [_published(published.get(system), task)] if published else []
        rows.append(cells)
    return Part(f"{task.title}: UAR in %{', CCC' if 'ccc' in scores else ''}", head, rows)


def _score(entry: Entry) -> str:
    low, high = entry["low"], entry["high"]
    if entry["score"] == "uar":
        return f"{percent(entry['value'])} ({NO_INTERVAL if low == high else percent_spread(low, high)})"
    return f"{fixed(entry['value'], 2)} ({NO_INTERVAL if low == high else spread(low, high, 2)})"


def _difference(entry: Entry) -> Cells:
    if pd.isna(entry["difference"]):
        return ["", "", ""]
    low, high = entry["difference_low"], entry["difference_high"]
    ends = NO_INTERVAL if low == high else percent_spread(low, high)
    shown = f"{signed(100 * entry['difference'], 1)} ({ends})"
    return [shown, p_value(entry["p_holm"]), p_value(entry["p_paper"])]


def _published(row: Published | None, task: Task) -> str:
    if row is None:
        return ""
    development, test = row.uar[task.name]
    return f"{development:.1f} / {test:.1f}{' *' if task.name in row.significant else ''}"


@cache
def _environment() -> Environment:
    return Environment(
        loader=PackageLoader("attune.report"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
