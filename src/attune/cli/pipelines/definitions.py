"""Where `components` and `pipelines` are: at the top of a checkout, inside `attune` in an installed wheel."""

import sys
from pathlib import Path

import attune


def make_importable() -> None:
    """Let a wheel's `components` and `pipelines` be imported by the names they have in a checkout."""
    bundled = Path(attune.__file__).parent / "definitions"
    if bundled.is_dir() and str(bundled) not in sys.path:
        sys.path.append(str(bundled))
