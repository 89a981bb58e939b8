"""Locate `components` and `pipelines`: at the top of a checkout, or inside `attune` in an installed wheel."""

import sys
from pathlib import Path

import attune


def make_importable() -> None:
    """Make a wheel's `components` and `pipelines` importable by their names in a checkout."""
    bundled = Path(attune.__file__).parent / "definitions"
    if bundled.is_dir() and str(bundled) not in sys.path:
        sys.path.append(str(bundled))
