"""A comparison of two sets of recordings in words, as a record, and as one page that opens offline."""

from importlib import resources
from typing import Any

import numpy as np
import pandas as pd
from jinja2 import Environment

from attune.numbers import counted, fixed, listed, percent_spread, percentage, signed, spread
from attune.validation.drift.comparison import Drift, Effect, Measured, Shared, Side
from attune.visible import visible

WORDS = {"differs": "differs", "alike": "alike", "open": "too little data to say"}
_BINS, _WIDTH, _HEIGHT = 40, 640, 120
_DIGITS = {"level": 1, "duration": 2, "pitch": 0}


def told(side: Side) -> str:
    """Describe a set in a line."""
    speakers = counted(side.table["speaker"].nunique(), "speaker") if side.speakers_known else "speakers unknown"
    hours = side.table["duration"].sum() / 3600
    left_out = f"; left out, not decodable: {counted(side.undecoded, 'recording')}" if side.undecoded else ""
    return f"{side.name}: {counted(len(side.table), 'utterance')}, {speakers}, {fixed(hours, 2)} h{left_out}"


def summary(drift: Drift) -> str:
    """Return what differs, in a sentence."""
    found = [one.name for one in drift.measures if one.verdict == "differs"]
    found += list(dict.fromkeys(one.task for one in drift.classes if one.verdict == "differs"))
    if not found:
        return "Nothing differs by more than little, as far as these data can say."
    return f"B differs from A in {listed(found)}."


def measure_rows(drift: Drift) -> list[list[str]]:
    """Return each measure's name, both sets' quantiles, the effect and the verdict."""
    return [
        [
            f"{one.name} ({one.unit})",
            *(", ".join(fixed(value, _DIGITS[one.name]) for value in own) for own in (one.a, one.b)),
            _share_of_pairs(one.effect),
            WORDS[one.verdict],
        ]
        for one in drift.measures
    ]


def class_rows(drift: Drift) -> list[list[str]]:
    """Return each class's task, name, both shares, their difference and the verdict."""
    return [
        [one.task, one.name, percentage(one.a), percentage(one.b), _points(one.effect), WORDS[one.verdict]]
        for one in drift.classes
    ]


def as_record(a: Side, b: Side, drift: Drift) -> dict[str, Any]:
    """Return the whole comparison in machine-readable form."""
    return {
        "a": _side_record(a),
        "b": _side_record(b),
        "measures": [_record(one) for one in drift.measures],
        "classes": [_record(one) for one in drift.classes],
        "differs": drift.differs,
    }


def render(a: Side, b: Side, drift: Drift) -> str:
    """Return the page as HTML; it runs no script and loads nothing."""
    environment = Environment(autoescape=True, trim_blocks=True, lstrip_blocks=True)
    template = environment.from_string(resources.files(__package__).joinpath("page.html").read_text("utf-8"))
    page = template.render(
        a=told(a),
        b=told(b),
        summary=summary(drift),
        measures=measure_rows(drift),
        plots=[
            {"name": one.name, "unit": one.unit, **_outlines(a.table[one.name], b.table[one.name], _DIGITS[one.name])}
            for one in drift.measures
        ],
        width=_WIDTH,
        height=_HEIGHT,
        classes=[
            {"cells": row, "a": one.a, "b": one.b} for row, one in zip(class_rows(drift), drift.classes, strict=True)
        ],
    )
    return visible(page)


def _share_of_pairs(effect: Effect) -> str:
    interval = percent_spread(effect.low, effect.high)
    return f"{percentage(effect.value)} ({interval or 'too few speakers'})"


def _points(effect: Effect) -> str:
    if effect.low is None or effect.high is None:
        return f"{signed(100 * effect.value, 1)} points (too few speakers)"
    return f"{signed(100 * effect.value, 1)} points ({spread(100 * effect.low, 100 * effect.high, 1)})"


def _side_record(side: Side) -> dict[str, Any]:
    return {
        "name": side.name,
        "utterances": len(side.table),
        "speakers": int(side.table["speaker"].nunique()) if side.speakers_known else None,
        "hours": round(float(side.table["duration"].sum()) / 3600, 4),
        "undecoded": side.undecoded,
    }


def _record(one: Measured | Shared) -> dict[str, Any]:
    return {**one._asdict(), "effect": one.effect._asdict()}


def _outlines(a: pd.Series, b: pd.Series, digits: int) -> dict[str, Any]:
    """Return both histograms as outlines, over their common range without the outermost 0.5 % at either end."""
    both = np.concatenate([a.dropna(), b.dropna()])
    low, high = (float(end) for end in np.quantile(both, [0.005, 0.995]))
    edges = np.linspace(low, high if high > low else low + 1, _BINS + 1)
    shares = [np.histogram(own.dropna().clip(low, high), edges)[0] / max(own.notna().sum(), 1) for own in (a, b)]
    highest = max(float(own.max()) for own in shares) or 1.0
    lines = [_outline(own / highest) for own in shares]
    return {"a": lines[0], "b": lines[1], "low": fixed(low, digits), "high": fixed(float(edges[-1]), digits)}


def _outline(heights: np.ndarray[Any, np.dtype[np.float64]]) -> str:
    step = _WIDTH / len(heights)
    tops = [
        f"{place * step:.1f},{_HEIGHT * (1 - height):.1f} {(place + 1) * step:.1f},{_HEIGHT * (1 - height):.1f}"
        for place, height in enumerate(heights)
    ]
    return f"0,{_HEIGHT} {' '.join(tops)} {_WIDTH},{_HEIGHT}"
