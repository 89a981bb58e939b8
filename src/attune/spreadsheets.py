"""Tables that people open in a spreadsheet, which runs what looks like a formula."""

import pandas as pd

_BEGINS_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def harmless(table: pd.DataFrame) -> pd.DataFrame:
    """The table with an apostrophe before every text, headings too, that a spreadsheet would take for a formula.

    Example:
        >>> harmless(pd.DataFrame({"path": ["=cmd.wav", "a.wav"], "arousal": [-1.0, 2.0]}))["path"].tolist()
        ["'=cmd.wav", 'a.wav']
    """
    quoted = table.apply(lambda column: column if column.dtype.kind in "biuf" else column.map(_quoted))
    return quoted.rename(columns=_quoted)


def _quoted(cell: object) -> object:
    return f"'{cell}" if isinstance(cell, str) and cell.startswith(_BEGINS_FORMULA) else cell
