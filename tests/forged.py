"""Files that another program might have written: their digests are right, and what is in them need not be."""

import json
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pyarrow.parquet as pq

from attune.storage import sums


def table(path: Path, change: Callable[[pd.DataFrame], pd.DataFrame]) -> None:
    """Change a parquet or CSV file."""
    if path.suffix == ".csv":
        change(pd.read_csv(path)).to_csv(path, index=False)
    else:
        changed = change(pd.read_parquet(path))
        schema = None if len(changed) else pq.read_schema(path)  # pandas knows no types of what has no rows
        changed.to_parquet(path, index=False, schema=schema)
    sums.enter(path)


def text(path: Path, content: str) -> None:
    """Replace a file."""
    path.write_text(content)
    sums.enter(path)


def metrics(path: Path, content: str) -> None:
    """Replace metrics.json and its copy in the folder `evaluation` beside it."""
    path.write_text(content)
    text(path.parent / "evaluation" / path.name, content)


def record(path: Path, change: Callable[[dict], dict]) -> None:
    """Change a JSON object."""
    text(path, json.dumps(change(json.loads(path.read_text()))))
