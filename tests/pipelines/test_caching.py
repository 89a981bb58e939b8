"""What makes a step run again on Kubeflow and what does not: keys of its cache, from the YAML and the arguments."""

import json
import shlex
from pathlib import Path

import click
import pytest
from cache_keys import keys
from compiled_graph import documents
from pinned import PINNED_OPTIONS

from attune.cli.pipelines import options
from attune.params import Params
from pipelines.arguments import for_training
from pipelines.data import Data

COLLECTED = {"gather-models", "gather-predictions", "evaluate", "attention", "report", "gate", "register"}
"""Steps that read of all cells."""
LOOKED_AT = {"data-version", "close"}
CHOSEN = {"systems": ["mtl-att", "stl"], "folds": ["session1", "session2"]}


def ordered(*words, **params):
    """The keys of what `attune pipeline submit` would send."""

    @click.command()
    @options.WHICH
    @options.WHAT
    @options.WITH
    @options.AS
    def order(which, **given):
        return options.order(which, "one", given)

    text = json.dumps({**CHOSEN, **params})
    package, order = order.main(["training", "--params", text, *PINNED_OPTIONS, *words], standalone_mode=False)
    return keys(*documents(package.text), order.arguments)


@pytest.fixture(scope="module")
def same_pipeline(compiled):
    """The keys where only parameters differ."""

    def given(data="", **params):
        arguments = for_training(Params.model_validate({**CHOSEN, **params}), Data("data/raw", ""), {})
        return keys(*documents(compiled["training"].text), arguments, data)

    return given


@pytest.fixture(scope="module")
def before(same_pipeline):
    return same_pipeline()


@pytest.fixture(scope="module")
def submitted():
    return ordered()


def changed(before, after):
    """Steps of which a cell that is still there has another key."""
    return {step for (step, cell), key in before.items() if after.get((step, cell), key) != key}


def test_every_step_and_cell_has_a_key_of_its_own(before):
    assert len(set(before.values())) == len(before)
    assert {cell for step, cell in before if step == "train"} == {
        f"{system} {fold}" for system in ("mtl-att", "stl") for fold in ("session1", "session2")
    }


@pytest.mark.parametrize(
    "change",
    [
        {"systems": ["mtl-att", "stl", "mtl"]},
        {"systems": ["stl", "mtl-att"]},
        {"systems": ["mtl-att"]},
        {"folds": ["session1", "session2", "session3"]},
        {"folds": ["session2", "session1"]},
        {"register": {"system": "mtl-att", "name": "other"}},
        {"register": {"system": "stl"}},
        {"ssl": {"rate": 0.1, "tuned": "all"}},
        {"evaluate": {"resamples": 200}},
        {"attention": {"probed": 3}},
        {"report": {"examples": 3}},
        {"promote": {"margin": 0.2}},
        {"paper_table": {"seeds": [7]}},
    ],
    ids=str,
)
def test_what_does_not_change_a_training_run_trains_nothing_again(before, same_pipeline, change):
    assert changed(before, same_pipeline(**change)) <= COLLECTED


@pytest.mark.parametrize(
    "words",
    [
        "--set train.memory=32Gi --set train.cpu=8000m --set train.gpu.count=2 --set train.shared_memory=1Gi",
        "--set train.timeout=60 --set train.retries=1 --set train.parallelism=2 --set steps.memory=4Gi --backend 2.17 "
        "--set train.node_selector.zone=a --experiment other --service-account someone --no-cache",
    ],
    ids=["how large", "where and how long"],
)
def test_a_pods_size_and_place_have_no_part_in_any_key(submitted, words):
    assert changed(submitted, ordered(*shlex.split(words))) == set()


def test_one_more_network_beside_a_system_on_features_trains_only_itself(same_pipeline):
    names = ["stl", "egemaps-svm"]
    first, other_way, more = (same_pipeline(systems=one) for one in (names, names[::-1], ["mtl", *names]))
    assert changed(first, other_way) | changed(first, more) <= COLLECTED


@pytest.mark.parametrize(
    ("params", "first"),
    [
        ({"train": {"epochs": 3}}, "train"),
        ({"compute": {"threads": 2}}, "features"),
        ({"systems": ["mtl-att", "stl", "ssl-att"]}, "features"),
        ({"preprocess": {"shard_seconds": 60.0}}, "preprocess"),
        ({"corpus": {"synthetic": {"seed": 2}}}, "corpus"),
    ],
    ids=str,
)
def test_what_does_change_a_step_runs_it_and_what_follows_again(before, same_pipeline, params, first):
    order = ["corpus", "validate", "preprocess", "features", "train", "predict"]
    again = {*order[order.index(first) :], *COLLECTED}
    assert changed(before, same_pipeline(**params)) - {"admit"} - LOOKED_AT == again


def test_new_data_behind_the_same_path_run_everything_again(before, same_pipeline):
    after = same_pipeline(data="another digest")
    assert {step for step, _ in before} - changed(before, after) <= LOOKED_AT


@pytest.mark.parametrize("words", [("-A", "train_memory=32Gi"), ("--set", "train.checkpoints=''")], ids=str)
def test_the_docs_name_what_trains_again_though_it_need_not(submitted, words):
    assert changed(submitted, ordered(*words)) - COLLECTED == {"train", "predict"}
    page = (Path(__file__).parents[2] / "docs/kubernetes.md").read_text()
    assert words[1].split("=")[0] in page.partition("## What runs again")[2].partition("\n## ")[0]
