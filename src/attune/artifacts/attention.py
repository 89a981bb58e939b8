"""What `attune attention` leaves: the measures of every utterance, what they come to, figures."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pandas as pd

from attune.artifacts import records, sums
from attune.artifacts.door import reading
from attune.artifacts.tables import TextTable
from attune.findings import Finding, from_json

_STEP = "attention"
ANALYSIS = "attention.json"

MEASURES = TextTable("attention.csv", _STEP, ("system", "fold", "utterance", "task"))
"""One row per system, test utterance and task, and a column per measure."""


def write_analysis(folder: Path, values: Mapping[str, Any]) -> None:
    """Write attention.json into an existing folder."""
    records.write(folder / ANALYSIS, values)


def read_analysis(folder: Path) -> dict[str, Any]:
    """What attention.json says: by system what was measured, ``findings``, and ``about`` how.

    Raises:
        AttuneError: the file is missing or is not what was written.
    """
    return records.read(folder / ANALYSIS, _STEP)


def read_findings(folder: Path) -> list[Finding]:
    """What the analysis found.

    Raises:
        AttuneError: attention.json is missing, is not what was written, or has no findings of this form.
    """
    with reading(folder / ANALYSIS, _STEP):
        return from_json(read_analysis(folder).get("findings", []))


def enter_figures(folder: Path) -> None:
    """List the figures that were drawn into a folder among its digests."""
    for path in sorted(folder.glob("*.svg")):
        sums.enter(path)


def read_figures(folder: Path) -> dict[str, bytes]:
    """The figures as SVG files, by name.

    Raises:
        AttuneError: one is not what was written.
    """
    found = {}
    for path in sorted(folder.glob("*.svg")):
        with reading(path, _STEP):
            found[path.stem] = sums.checked(path)
    return found


def peakedness(folder: Path, system: str) -> pd.DataFrame:
    """Normalised entropy of each utterance's attention: utterance, task, entropy; empty without attention."""
    columns = ["utterance", "task", "entropy"]
    table = MEASURES.read(folder, "system", *columns)
    return table.loc[table["system"] == system].reindex(columns=columns).dropna()
