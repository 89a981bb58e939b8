"""Output of `attune attention`: measures of every utterance, their analysis, figures."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pandas as pd

from attune.artifacts import records
from attune.artifacts.door import reading
from attune.artifacts.text_tables import TextTable
from attune.findings import Finding, from_json
from attune.storage import sums

_STEP = "attention"
ANALYSIS = "attention.json"

MEASURES = TextTable("attention.csv", _STEP, ("system", "fold", "utterance", "task"), ("entropy",))
"""One row per system, test utterance and task, and a column per measure."""


def write_analysis(folder: Path, values: Mapping[str, Any]) -> None:
    """Write attention.json into an existing folder."""
    records.write(folder / ANALYSIS, values)


def read_analysis(folder: Path) -> dict[str, Any]:
    """Read attention.json: results by system, ``findings``, and ``about``, which describes the method.

    Raises:
        AttuneError: the file is missing or has changed.
    """
    return records.read(folder / ANALYSIS, _STEP)


def read_findings(folder: Path) -> list[Finding]:
    """Read the findings of the analysis.

    Raises:
        AttuneError: attention.json is missing, has changed, or has no findings of this form.
    """
    with reading(folder / ANALYSIS, _STEP):
        return from_json(read_analysis(folder).get("findings", []))


def enter_figures(folder: Path) -> None:
    """Add the figures in a folder to its digests."""
    for path in sorted(folder.glob("*.svg")):
        sums.enter(path)


def read_figures(folder: Path) -> dict[str, bytes]:
    """Read the figures' SVG content, by name.

    Raises:
        AttuneError: one has changed.
    """
    found = {}
    for path in sorted(folder.glob("*.svg")):
        with reading(path, _STEP):
            found[path.stem] = sums.checked(path)
    return found


def peakedness(folder: Path, system: str) -> pd.DataFrame:
    """Read the normalised entropy of each utterance's attention: utterance, task, entropy; empty without attention."""
    columns = ["utterance", "task", "entropy"]
    table = MEASURES.read(folder, "system", *columns)
    return table.loc[table["system"] == system].reindex(columns=columns).dropna()
