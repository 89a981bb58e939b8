"""Summary of probing a system's networks: faithfulness, whether weights matter, whether they are learnt."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from attune.attention.probing.faithfulness import MIDDLE, ORDERS, OWN, areas
from attune.attention.probing.masking import FILLS
from attune.attention.probing.reweighing import KINDS, LEARNT
from attune.attention.summary import Entry

BASELINE = "random windows"
"""The order that all other orders of masking are compared with."""


class Tables(NamedTuple):
    """All measurements from probing a system's networks.

    `masked`: from `attune.attention.probing.faithfulness.curves`. `reweighed`: from
    `attune.attention.probing.reweighing.reweighed`.
    `layers`: ``utterance, task, layer, correlation, expected``, of attention with the trained one and with that of
    other utterances. `networks`: ``utterance, task, divergence, tasks``, between the networks of two folds and from the
    other tasks. `gradients`: ``utterance, task, attention, contribution, attention_expected, contribution_expected``,
    the rank correlations with integrated gradients, and those of other utterances' attention.
    """

    masked: pd.DataFrame
    reweighed: pd.DataFrame
    layers: pd.DataFrame
    networks: pd.DataFrame
    gradients: pd.DataFrame


class Estimates(NamedTuple):
    """How means and scores are estimated with intervals.

    `mean`: values by utterance, NaN for those that do not count -> an entry with two-sided ``p`` for a mean of zero;
    `share`: the same for values that are 0 or 1.
    `uar`: task, predicted classes by utterance -> an entry. `difference`: task, two of these -> an entry with ``p``.
    """

    mean: Callable[["pd.Series[float]"], Entry]
    share: Callable[["pd.Series[float]"], Entry]
    uar: Callable[[str, "pd.Series[int]"], Entry]
    difference: Callable[[str, "pd.Series[int]", "pd.Series[int]"], Entry]
    adjust: Callable[[list[float]], list[float]]


def summarise(tables: Tables, tasks: Sequence[str], estimates: Estimates) -> dict[str, Any]:
    """Return, by task, ``faithfulness, curves, fills, reweighed, layers, learnt, networks, gradients``."""
    found = {task: _of_task(tables, task, estimates) for task in tasks}
    for order in ORDERS:
        _adjust(found, ("faithfulness", order, "comprehensiveness_over"), estimates)
        _adjust(found, ("faithfulness", order, "sufficiency_over"), estimates)
    for kind in KINDS:
        _adjust(found, ("reweighed", kind, "over"), estimates)
    for path in (("learnt", "over"), ("networks", "over"), *(("gradients", f"{name}_over") for name in OWN)):
        _adjust(found, path, estimates)
    return found


def _adjust(found: Mapping[str, Any], path: Sequence[str], estimates: Estimates) -> None:
    """Add p-values with Holm's adjustment over the tasks of one comparison."""
    entries = [entry for own in found.values() if (entry := _at(own, path))]
    for entry, p in zip(entries, estimates.adjust([entry["p"] for entry in entries]), strict=True):
        entry["p_holm"] = p


def _at(own: Mapping[str, Any], path: Sequence[str]) -> Any:
    for name in path:
        own = own.get(name, {})
    return own


def _of_task(tables: Tables, task: str, estimates: Estimates) -> dict[str, Any]:
    masked, layers, networks, gradients = (
        table[table["task"] == task] for table in (tables.masked, tables.layers, tables.networks, tables.gradients)
    )
    return {
        "faithfulness": _faithfulness(masked, estimates),
        "curves": _curves(masked),
        "fills": _fills(masked, estimates),
        "reweighed": _reweighed(tables.reweighed[tables.reweighed["task"] == task], task, estimates),
        "layers": {
            str(layer): estimates.mean(own.set_index("utterance")["correlation"])
            for layer, own in layers.dropna(subset="correlation").groupby("layer", sort=False)
        },
        "learnt": _learnt(layers, estimates),
        "networks": _networks(networks, estimates),
        "gradients": _gradients(gradients, estimates),
    }


def _faithfulness(masked: pd.DataFrame, estimates: Estimates) -> dict[str, dict[str, Entry]]:
    """By order: comprehensiveness and sufficiency, and how much better they are than for random windows."""
    if masked.empty:
        return {}
    wide = areas(masked).droplevel("task")
    found: dict[str, dict[str, Entry]] = {}
    for order in (order for order in ORDERS if (order, "removed") in wide):
        removed, only = wide[order, "removed"], wide[order, "only"]
        found[order] = {"comprehensiveness": estimates.mean(removed), "sufficiency": estimates.mean(only)}
        if order not in (BASELINE, "cue"):
            found[order]["comprehensiveness_over"] = estimates.mean(removed - wide[BASELINE, "removed"])
            found[order]["sufficiency_over"] = estimates.mean(wide[BASELINE, "only"] - only)
    return found


def _curves(masked: pd.DataFrame) -> dict[str, dict[str, list[list[float]]]]:
    """By order and mode: share and mean drop, for a figure; the cue is a single point at its mean share."""
    rows = masked[masked["fill"] == FILLS[0]]
    found: dict[str, dict[str, list[list[float]]]] = {}
    for (order, mode), own in rows.groupby(["order", "mode"], sort=False):
        groups = [own] if order == "cue" else [part for _, part in own.groupby("share")]
        points = [[float(part["share"].mean()), float(part["drop"].mean())] for part in groups]
        found.setdefault(str(order), {})[str(mode)] = points
    return found


def _fills(masked: pd.DataFrame, estimates: Estimates) -> dict[str, dict[str, Entry]]:
    """By fill and order: the drop when the middle share, or the cue, is removed."""
    rows = masked[(masked["mode"] == "removed") & ((masked["share"] == MIDDLE) | (masked["order"] == "cue"))]
    found: dict[str, dict[str, Entry]] = {}
    for (fill, order), own in rows.groupby(["fill", "order"], sort=False):
        if order in ("attention", BASELINE, "cue"):
            found.setdefault(str(fill), {})[str(order)] = estimates.mean(own.set_index("utterance")["drop"])
    return found


def _reweighed(rows: pd.DataFrame, task: str, estimates: Estimates) -> dict[str, dict[str, Entry]]:
    """UAR with the learnt weights and with others; ``changed`` is the share of predictions that differ."""
    answers = {str(kind): own.set_index("utterance")["predicted"] for kind, own in rows.groupby("kind", sort=False)}
    if not answers:
        return {}
    learnt = answers[LEARNT]
    found = {LEARNT: {"uar": estimates.uar(task, learnt)}}
    for kind in KINDS:
        changed = (answers[kind] != learnt.reindex(answers[kind].index)).astype(float)
        found[kind] = {
            "uar": estimates.uar(task, answers[kind]),
            "over": estimates.difference(task, learnt, answers[kind]),
            "changed": estimates.share(changed),
        }
    return found


def _learnt(layers: pd.DataFrame, estimates: Estimates) -> dict[str, Entry]:
    """With every layer randomised: the agreement with other utterances' attention, and the excess with its own."""
    last = layers[layers["layer"] == layers["layer"].iloc[-1]] if len(layers) else layers
    return _columns(last.assign(over=last["correlation"] - last["expected"]), ("expected", "over"), estimates)


def _gradients(table: pd.DataFrame, estimates: Estimates) -> dict[str, Entry]:
    """How attention and contributions agree with gradients, how others' do, and the difference."""
    over = {f"{name}_over": table[name] - table[f"{name}_expected"] for name in OWN}
    names = [f"{name}{ending}" for name in OWN for ending in ("", "_expected", "_over")]
    return _columns(table.assign(**over), names, estimates)


def _networks(table: pd.DataFrame, estimates: Estimates) -> dict[str, Entry]:
    """How far apart networks are, how far apart tasks are, and the difference."""
    table = table.assign(over=table["tasks"] - table["divergence"])
    return _columns(table, ("divergence", "tasks", "over"), estimates)


def _columns(table: pd.DataFrame, names: Sequence[str], estimates: Estimates) -> dict[str, Entry]:
    rows = table.set_index("utterance")
    return {name: estimates.mean(rows[name]) for name in names if len(rows) and np.isfinite(rows[name]).any()}
