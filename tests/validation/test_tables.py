"""Derived columns, against numbers worked out by hand."""

import numpy as np
import pandas as pd
import pytest

from attune.validation.tables import balance_table, outcome_table, session_table, utterance_table


def table_of(corpus) -> pd.DataFrame:
    return utterance_table(corpus.tables, corpus.facts.values()).set_index("utterance")


def test_the_mean_is_that_of_external_raters_only(corpus):
    corpus.ratings.loc[corpus.ratings["self_report"], "valence"] = 5.0
    corpus.set("Ses01F_impro01_F000", valence=2.0)  # E3 and E4 gave 1.0 and 2.0
    errors = table_of(corpus)["valence_error"]
    assert errors["Ses01F_impro01_F000"] == pytest.approx(0.5)
    assert errors.drop("Ses01F_impro01_F000").max() == pytest.approx(0.0)


def test_an_utterance_without_external_raters_has_no_error(corpus):
    corpus.ratings = corpus.ratings[corpus.ratings["self_report"]]
    assert table_of(corpus)["arousal_error"].isna().all()


def test_missing_labels_are_named(corpus):
    corpus.set("Ses01F_impro01_F000", arousal=np.nan, dominance=np.nan)
    missing = table_of(corpus)["missing_labels"]
    assert missing["Ses01F_impro01_F000"] == "arousal, dominance"
    assert set(missing.drop("Ses01F_impro01_F000")) == {"none"}


def test_every_utterance_keeps_its_row_and_its_own_facts(corpus):
    corpus.set("Ses02F_impro01_M001", audio=None)
    corpus.set_facts("Ses03F_impro01_F002", duration=7.0)
    table = table_of(corpus)
    assert list(table.index) == list(corpus.utterances["utterance"])
    assert np.isnan(table.loc["Ses02F_impro01_M001", "duration"])
    assert table.loc["Ses03F_impro01_F002", "duration"] == 7.0
    assert table.loc["Ses03F_impro01_F002", "span_error"] == 6.0


def test_sessions_count_what_is_accepted_and_name_what_is_gone(corpus):
    left = corpus.utterances[(corpus.utterances["session"] != 2) & (corpus.utterances["speaker"] != "Ses03F")]
    sessions = session_table(left, (1, 2, 3, 4, 5)).set_index("session")
    assert sessions["accepted"].to_dict() == {1: 10, 2: 0, 3: 5, 4: 10, 5: 10}
    assert sessions["speakers"].to_dict() == {1: 2, 2: 0, 3: 1, 4: 2, 5: 2}


def test_drift_is_the_share_that_would_have_to_change_class():
    session_one = {"session": 1, "arousal": [1.0, 1.0, 3.0, 5.0]}  # low 1/2, middle 1/4, high 1/4
    session_two = {"session": 2, "arousal": [1.0, 3.0, 3.0, 3.0]}  # low 1/4, middle 3/4
    rows = pd.concat([pd.DataFrame(session_one), pd.DataFrame(session_two)], ignore_index=True)
    rows = rows.assign(valence=rows["arousal"], dominance=3.0)
    balance = balance_table(rows).set_index(["session", "task"])
    assert balance.loc[(1, "arousal"), "drift"] == pytest.approx(0.5)
    assert balance.loc[(2, "arousal"), "drift"] == pytest.approx(0.5)
    assert balance.loc[(2, "dominance"), "drift"] == 0.0
    assert balance["rarest"].to_dict() == {
        **{(1, "arousal"): 1, (2, "arousal"): 0, (1, "valence"): 1},
        **{(2, "valence"): 0, (1, "dominance"): 0, (2, "dominance"): 0},
    }


def test_one_session_alone_does_not_drift(corpus):
    balance = balance_table(corpus.utterances[corpus.utterances["session"] == 1])
    assert (balance["drift"] == 0.0).all()


def test_nothing_of_nothing_is_refused():
    assert outcome_table(0, 0).loc[0, ["accepted", "refused_share"]].tolist() == [0, 0.0]
    assert outcome_table(8, 2).loc[0, ["accepted", "refused_share"]].tolist() == [6, 0.25]
