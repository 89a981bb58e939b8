"""What probing comes to, on tables in which it is known what was planted and what was not."""

import json
import re
from functools import partial

import numpy as np
import pandas as pd
import pytest

from attune.attention.probing.findings import findings
from attune.attention.probing.summary import Estimates, Tables, summarise
from attune.evaluation.bootstrap import draw, holm
from attune.evaluation.clustered import Clustered
from attune.tasks import PAPER

TASKS = ("arousal", "valence")
UTTERANCES = [f"u{number:02d}" for number in range(60)]
ORDERS = ("attention", "contribution", "random windows", "cue")


def tables(planted, others=True):
    """Tables in which what is found differs from its null by so much, give or take a tenth."""
    rng = np.random.default_rng(3)
    rows = [(utterance, task) for utterance in UTTERANCES for task in TASKS]
    base = pd.DataFrame(rows, columns=["utterance", "task"])

    def noisy(mean):
        return mean + rng.normal(0, 0.1, len(base))

    expected = noisy(0.2) if others else np.full(len(base), np.nan)
    layers = [base.assign(layer=name, correlation=noisy(0.2 + planted), expected=expected) for name in ("one", "two")]
    masked = [
        base.assign(fill="noise", order=order, share=share, mode=mode, predicted=1, drop=noisy(drop))
        for order, drop in zip(ORDERS, (0.1 + planted, 0.1 + planted, 0.1, 0.3), strict=True)
        for share in ((0.1, 0.3, 0.5) if order != "cue" else (0.4,))
        for mode in ("removed", "only")
    ]
    gradients = base.assign(attention=noisy(0.2 + planted), contribution=noisy(0.2 + planted))
    empty = pd.DataFrame(columns=["utterance", "task", "kind", "predicted"])
    return Tables(
        masked=pd.concat(masked),
        reweighed=empty,
        layers=pd.concat(layers),
        networks=base.assign(divergence=noisy(0.2), tasks=noisy(0.2 + planted)),
        gradients=gradients.assign(attention_expected=expected, contribution_expected=expected),
    )


@pytest.fixture(scope="module")
def estimates():
    order = pd.Index(UTTERANCES)
    draws = draw(np.arange(60) // 6, np.arange(60) // 3, resamples=400, seed=1)
    who = pd.DataFrame({"speaker": np.arange(60) // 6, "dialog": np.arange(60) // 3}, index=order)
    clustered = Clustered(order, draws, 0.95, tasks=PAPER, who=who)
    return Estimates(clustered.mean, partial(clustered.mean, share=True), clustered.uar, clustered.difference, holm)


def told(estimates, *given):
    summary = summarise(tables(*given), TASKS, estimates)
    assert "NaN" not in json.dumps(summary)
    return {(one.kind, one.task): one.sentence for one in findings({"mtl-att": summary})}


FOUND = {
    "faithfulness-attention": "needs these windows more than others",
    "faithfulness-contribution": "needs these windows more than others",
    "sufficiency-attention": "these windows suffice less well than others",
    "sufficiency-contribution": "these windows suffice less well than others",
    "learnt": "a network that has learnt nothing attends partly alike",
    "apart": "tasks differ more than networks of two folds do",
    "gradients-attention": "attention points where they do more than its position explains",
    "gradients-contribution": "the contribution points where they do more than its position explains",
}
NOT_FOUND = {
    "faithfulness-attention": "needs these windows no more than others",
    "faithfulness-contribution": "needs these windows no more than others",
    "sufficiency-attention": "these windows suffice no better than others",
    "sufficiency-contribution": "these windows suffice no better than others",
    "learnt": "without what was learnt, only its preferred positions remain",
    "apart": "tasks differ no more than networks of two folds do",
    "gradients-attention": "attention points where they do no more than its position explains",
    "gradients-contribution": "the contribution points where they do no more than its position explains",
}


@pytest.mark.parametrize(("planted", "expected"), [(0.3, FOUND), (0.0, NOT_FOUND)])
def test_what_was_planted_is_found_and_what_was_not_is_not(estimates, planted, expected):
    sentences = told(estimates, planted)
    for (kind, task), sentence in sentences.items():
        assert expected[kind] in sentence, task
        assert ("as far as this many utterances can tell" in sentence) == (expected is NOT_FOUND)
    assert {kind for kind, _ in sentences} == set(expected)


def test_without_other_utterances_to_compare_with_there_is_no_verdict(estimates):
    kinds = {kind for kind, _ in told(estimates, 0.3, False)}
    assert kinds == {f"{kind}-{order}" for kind in ("faithfulness", "sufficiency") for order in ORDERS[:2]} | {"apart"}


def test_p_values_of_one_question_are_adjusted_over_the_tasks(estimates):
    summary = summarise(tables(0.0), TASKS, estimates)
    for path in (("learnt", "over"), ("networks", "over"), ("gradients", "attention_over")):
        entries = [summary[task][path[0]][path[1]] for task in TASKS]
        assert [entry["p_holm"] for entry in entries] == holm([entry["p"] for entry in entries])


def test_a_probability_that_rises_is_not_said_to_fall_by_a_negative_amount(estimates):
    own = tables(0.0)
    raised = own._replace(masked=own.masked.assign(drop=own.masked["drop"] - 0.25))
    sentences = {one.kind: one.sentence for one in findings({"mtl-att": summarise(raised, TASKS, estimates)})}
    sentence = sentences["faithfulness-attention"]
    assert re.search(r"attention raises the probability of the predicted class by 1\d\.\d points \(1\d\.\d–1", sentence)
    assert re.search(r"masking random windows raises it by 1", sentence)
    assert "Masking the whole cue lowers it by" in sentence
    assert "by −" not in sentence


def test_windows_that_suffice_are_said_to(estimates):
    own = tables(0.0)
    only = (own.masked["mode"] == "only") & (own.masked["order"] == "attention")
    kept = own._replace(masked=own.masked.assign(drop=own.masked["drop"] - 0.3 * only))
    sentences = {one.kind: one.sentence for one in findings({"mtl-att": summarise(kept, TASKS, estimates)})}
    assert "these windows suffice better than others" in sentences["sufficiency-attention"]
    assert "attention raises the probability of the predicted class by 1" in sentences["sufficiency-attention"]
    assert "suffice no better" in sentences["sufficiency-contribution"]


@pytest.mark.parametrize(
    ("worse", "said"),
    [
        (("noise", "silence", "neighbour"), "with each of them attention's sound costs more on average"),
        ((), "with each of them attention's sound costs no more on average"),
        (("silence",), "which of the two costs more depends on the replacement"),
    ],
)
def test_whether_the_replacement_matters_is_said(estimates, worse, said):
    own = tables(0.0)
    others = [
        own.masked[own.masked["share"].isin([0.3, 0.4]) & (own.masked["mode"] == "removed")].assign(fill=fill)
        for fill in ("silence", "neighbour")
    ]
    masked = pd.concat([own.masked, *others])
    attended = (masked["order"] == "attention").astype(float)
    drop = masked["drop"] + attended * np.where(masked["fill"].isin(worse), 0.3, -0.3)
    told = findings({"mtl-att": summarise(own._replace(masked=masked.assign(drop=drop)), TASKS, estimates)})
    sentence = next(one.sentence for one in told if one.kind == "fills")
    assert said in sentence
    assert ("by silence −" in sentence) == ("silence" in worse)
    assert "(n = 60)" in sentence
