"""curves.csv: every epoch of every training run in one table, for `dvc plots`."""

from collections.abc import Mapping
from pathlib import Path

import pandas as pd

from attune.storage.files import whole_file


def write(path: Path, histories: Mapping[tuple[str, str], pd.DataFrame]) -> None:
    """Write the histories of these systems and folds; the column `training` names each network.

    Args:
        histories: by system and fold, as `attune train` writes them.
    """
    parts = [
        table.assign(training=[_name(system, fold, network, table) for network in table["network"]])
        for (system, fold), table in sorted(histories.items())
    ]
    whole = pd.concat(parts, ignore_index=True)
    columns = ["training", "epoch", *(name for name in whole if name not in ("training", "network", "epoch"))]
    with whole_file(path) as file:
        whole[columns].to_csv(file, index=False, lineterminator="\n")


def _name(system: str, fold: str, network: str, table: pd.DataFrame) -> str:
    return f"{system} {fold}" if table["network"].nunique() == 1 else f"{system} {fold} {network}"
