"""The attention step on planted attention: what it writes, and what it refuses."""

import json
import os
import shutil
import signal

import forged
import kills
import numpy as np
import pandas as pd
import pytest
from made_predictions import RATE, make_model, make_run, make_store, make_validated

from attune.artifacts.utterances import CUES
from attune.attention.windows import inside
from attune.errors import AttuneError
from attune.params import Params
from attune.steps import attention
from attune.steps.probing import attention_tables
from attune.tasks import TASKS
from attune.waveform.store import Store

pytestmark = pytest.mark.slow

FIGURES = ("cue", "energy", "entropy", "position")
FOLDS = ("session1", "session2", "session3", "session4", "session5")


def params(systems=("mtl-att", "stl"), folds=FOLDS):
    sections = {"evaluate": {"resamples": 100}, "attention": {"rounds": 99, "probed": 0}, "compute": {"threads": 1}}
    return Params.model_validate({"folds": list(folds), "systems": list(systems), **sections})


def cue(windows):
    """The middle fifth of so many windows, in seconds."""
    seconds = (640 + 160 * (windows - 1)) / RATE
    return 0.4 * seconds, 0.6 * seconds


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """Arousal's attention lies on the cue, valence's is the square root of energy, dominance's is random."""
    folder = tmp_path_factory.mktemp("attention")
    utterances = make_validated(folder / "validated")
    windows = make_store(folder / "store", utterances)
    store, rng = Store(folder / "store"), np.random.default_rng(3)

    def weights(utterance, task):
        n = windows[utterance]
        if task == "arousal":
            found = inside(n, *cue(n), RATE).astype(float)
        elif task == "valence":
            found = np.array([np.sqrt((store[utterance][160 * i : 160 * i + 640] ** 2).sum()) for i in range(n)])
        else:
            found = rng.random(n)
        return found / found.sum()

    for fold in FOLDS:
        digest = make_model(folder / "models" / fold, fold=fold)
        make_run(folder / "predictions" / fold, utterances, fold=fold, weights=weights, digest=digest)
        make_run(folder / "predictions" / f"stl-{fold}", utterances, system="stl", fold=fold)
    (folder / "corpus").mkdir()
    spans = [(utterance, *cue(n), *rng.uniform(1, 5, 3)) for utterance, n in windows.items()]
    CUES.write(folder / "corpus", pd.DataFrame(spans, columns=["utterance", "start", "end", *TASKS]))
    return folder


@pytest.fixture
def copy(made, tmp_path):
    shutil.copytree(made, tmp_path, dirs_exist_ok=True)
    return tmp_path


def run(folder, settings=None, out="attention"):
    attention.run(
        settings or params(),
        corpus=folder / "corpus",
        validated=folder / "validated",
        store=folder / "store",
        models=[folder / "models"],
        predictions=[folder / "predictions"],
        checkpoints=folder / "checkpoints",
        out=folder / out,
    )
    return json.loads((folder / out / "attention.json").read_text())


@pytest.fixture(scope="module")
def analysed(made, tmp_path_factory):
    """Where the step was run, for tests that only read."""
    folder = shutil.copytree(made, tmp_path_factory.mktemp("analysed"), dirs_exist_ok=True)
    run(folder)
    return folder / "attention"


def test_what_only_two_speakers_show_is_no_evidence_about_others(copy):
    own = run(copy, params(systems=("mtl-att",), folds=FOLDS[:1]))["mtl-att"]
    assert own["valence"]["energy_correlation"]["value"] == pytest.approx(1, abs=1e-3)
    assert {entry["p"] >= 0.5 for about in own.values() for name, entry in about.items() if name.endswith("_over")} == {
        True
    }


def test_planted_attention_is_told_apart(analysed):
    found = json.loads((analysed / "attention.json").read_text())
    assert found["stl"] is None
    own = found["mtl-att"]
    assert own["arousal"]["cue_hit"]["value"] == 1
    assert own["arousal"]["cue_mass"]["value"] == pytest.approx(1)
    assert own["valence"]["energy_correlation"]["value"] == pytest.approx(1, abs=1e-3)
    assert own["valence"]["energy_correlation_over"]["p"] == pytest.approx(1 / 100)
    random = own["dominance"]["cue_hit_over"]
    assert random["low"] <= 0 <= random["high"]
    assert {entry["n"] for name, entry in own["dominance"].items() if "strong" not in name} == {60}
    told = {(one["system"], one["task"], one["kind"]): one["sentence"] for one in found["findings"]}
    assert "attention prefers loud windows" in told["mtl-att", "valence", "energy"]
    assert "finds the cue no more often than its position explains" in told["mtl-att", "dominance", "cue"]
    assert told["stl", None, "absent"] == "It has no attention."
    assert found["about"]["utterances"] == 60


def test_the_table_has_a_row_per_test_utterance_and_task(analysed):
    table = pd.read_csv(analysed / "attention.csv")
    assert len(table) == 60 * len(TASKS)
    assert not table.duplicated(["system", "utterance", "task"]).any()
    assert set(table["system"]) == {"mtl-att"}
    assert (table.groupby("task")["cue_hit"].mean()["arousal"]) == 1


@pytest.fixture(scope="module")
def probed(made, tmp_path_factory):
    """Where the step was run and probed the networks with three utterances."""
    folder = shutil.copytree(made, tmp_path_factory.mktemp("probed"), dirs_exist_ok=True)
    run(folder, probing(3))
    return folder


def test_killed_in_the_middle_it_goes_on_and_writes_the_bytes_of_an_undisturbed_run(probed, monkeypatch):
    masked, curves = [], attention_tables.curves

    def counting(subject, *given):
        if len(masked) == 2 and not (probed / "killed").exists():
            (probed / "killed").touch()
            os.kill(os.getpid(), signal.SIGKILL)
        masked.append(subject.utterance)
        return curves(subject, *given)

    monkeypatch.setattr(attention_tables, "curves", counting)
    assert kills.in_a_process(lambda folder: run(folder, probing(3), out="again"), probed)
    assert not (probed / "again").exists()
    assert len(list((probed / "checkpoints").rglob("*-masked-*.table"))) == 2
    run(probed, probing(3), out="again")
    assert len(masked) == 1, "two of three were there already"
    assert not list((probed / "checkpoints").rglob("*.table"))
    names = sorted(path.name for path in (probed / "attention").iterdir())
    assert names == ["SHA256SUMS", "attention.csv", "attention.json", *(f"{name}.svg" for name in FIGURES)]
    for name in names:
        assert (probed / "attention" / name).read_bytes() == (probed / "again" / name).read_bytes(), name


def test_a_corpus_without_cues_is_judged_without_them(copy):
    (copy / "corpus" / "cues.parquet").unlink()
    found = run(copy)
    assert not [name for name in found["mtl-att"]["arousal"] if name.startswith("cue")]
    assert found["about"]["cues_known"] is False
    assert any("cannot be judged" in one["sentence"] for one in found["findings"])
    assert not (copy / "attention" / "cue.svg").exists()


def test_systems_without_attention_make_no_pictures_but_are_said_to_have_none(copy):
    found = run(copy, params(systems=("stl",)))
    assert (found["stl"], found["findings"][0]["kind"]) == (None, "absent")
    names = sorted(path.name for path in (copy / "attention").iterdir())
    assert names == ["SHA256SUMS", "attention.csv", "attention.json"]
    assert pd.read_csv(copy / "attention" / "attention.csv").empty


def refused(folder, match):
    with pytest.raises(AttuneError, match=match):
        run(folder)
    assert not (folder / "attention").exists()


@pytest.mark.parametrize(
    ("change", "match"),
    [
        (lambda t: t[t["utterance"] != t["utterance"].iloc[-1]], "lacks utterances"),
        (lambda t: t.head(0), "has no weights, and other folds"),
        (lambda t: pd.concat([t, t.tail(1)]), "occurs twice"),
        (lambda t: t[t["task"] != "valence"], "lacks utterances for valence in the test partition: .* and 11 more"),
        (
            lambda t: t.assign(weights=[w[:-1] for w in t["weights"]]),
            r"attention\.parquet: \d+ weights for \d+ windows",
        ),
        (lambda t: t.assign(weights=[w * float("nan") for w in t["weights"]]), "sum to 1"),
        (lambda t: t.assign(weights=[w * 2 for w in t["weights"]]), "sum to 1"),
    ],
)
def test_weights_that_do_not_fit_the_utterances_are_refused(copy, change, match):
    forged.table(copy / "predictions" / "session1" / "attention.parquet", change)
    refused(copy, match)


def test_predictions_of_utterances_that_are_not_accepted_are_refused(copy):
    forged.table(copy / "validated" / "utterances.parquet", lambda t: t.iloc[1:])
    refused(copy, "lacks Ses01F_impro01_F000, for which there are predictions")


def test_missing_attention_and_missing_runs_are_refused(copy):
    (copy / "predictions" / "session2" / "attention.parquet").unlink()
    refused(copy, "no such file")
    shutil.rmtree(copy / "predictions" / "session2")
    refused(copy, "no predictions of mtl-att on session2")


def test_a_missing_model_is_refused(copy):
    shutil.rmtree(copy / "models" / "session3")
    refused(copy, "no model of mtl-att for fold session3")


def probing(number):
    settings = params()
    return settings.model_copy(update={"attention": settings.attention.model_copy(update={"probed": number})})


def test_networks_are_probed_and_what_they_do_is_told(probed):
    found = json.loads((probed / "attention" / "attention.json").read_text())
    own = found["probed"]["mtl-att"]["arousal"]
    assert own["faithfulness"]["attention"]["comprehensiveness"]["n"] == 3
    assert own["reweighed"]["uniform"]["uar"]["n"] == 60
    assert list(own["layers"]) == [
        *("output", "attention", "second GRU", "first GRU", "second convolution", "first convolution")
    ]
    assert own["networks"]["divergence"]["n"] == own["gradients"]["contribution"]["n"] == 3
    kinds = {one["kind"] for one in found["findings"] if one["task"] == "arousal"}
    assert {"faithfulness-attention", "matters-uniform", "learnt", "apart", "gradients-attention"} <= kinds
    assert own["learnt"]["over"]["value"] == pytest.approx(
        own["layers"]["first convolution"]["value"] - own["learnt"]["expected"]["value"], abs=2e-6
    )
    assert own["networks"]["over"]["value"] == pytest.approx(
        own["networks"]["tasks"]["value"] - own["networks"]["divergence"]["value"], abs=2e-6
    )
    nulls = found["nulls"]["mtl-att"]["arousal"]
    assert {"cue_hit", "cue_mass", "energy_correlation", "contribution_hit"} <= set(nulls)
    assert sum(nulls["cue_hit"]["counts"]) == 99
    assert found["mtl-att"]["arousal"]["contribution_hit"]["n"] == 60


def test_nothing_is_masked_where_none_is_to_be_probed_and_the_cheap_parts_are_still_there(analysed):
    own = json.loads((analysed / "attention.json").read_text())["probed"]["mtl-att"]["arousal"]
    assert (own["faithfulness"], own["layers"], own["gradients"]) == ({}, {}, {})
    assert own["reweighed"]["uniform"]["uar"]["n"] == 60
