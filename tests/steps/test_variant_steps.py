"""What the parameters can choose goes through the same steps, or is refused before anything is trained."""

import json

import pandas as pd
import pytest
import toy_partitions

from attune.errors import AttuneError
from attune.params import Params
from attune.steps import choices, evaluate, predict, train
from attune.tasks import TASKS, Task

VARIANTS = {
    "strided values": {"front_end": "strided", "direction": "bidirectional", "objective": "values"},
    "windowed both": {"front_end": "paper-windowed", "objective": "both"},
}


def params(**settings):
    return Params.model_validate(
        {
            "folds": ["session1"],
            "systems": ["mtl-att"],
            "compute": {"device": "cpu", "threads": 1},
            "train": {"epochs": 1, "batch_size": 6, **settings},
            "evaluate": {"resamples": 100},
        }
    )


@pytest.fixture(scope="module")
def data(tmp_path_factory):
    folder = tmp_path_factory.mktemp("data")
    toy_partitions.write(folder)
    return folder


def fit(data, out, told, system="mtl-att"):
    given = {"validated": data / "validated", "store": data / "store", "features": data / "features"}
    train.run(told, system=system, fold="session1", checkpoints=out / "checkpoints", out=out / "models", **given)
    return given


@pytest.fixture(scope="module", params=VARIANTS)
def made(data, request, tmp_path_factory):
    out, settings = tmp_path_factory.mktemp("made"), VARIANTS[request.param]
    told = params(**settings)
    given = fit(data, out, told)
    predict.run(told, model=out / "models", out=out / "predictions", **given)
    read = {"validated": data / "validated", "features": data / "features", "predictions": [out / "predictions"]}
    evaluate.run(told, **read, metrics=out / "metrics.json", out=out / "evaluation")
    return out, settings


def test_model_json_says_what_was_chosen(made):
    out, settings = made
    architecture = json.loads((out / "models/model.json").read_text())["architecture"]
    assert settings.items() <= architecture.items()


def test_every_utterance_has_classes_a_score_and_attention(made):
    out, settings = made
    table = pd.read_parquet(out / "predictions/predictions.parquet")
    assert table[["low", "middle", "high", "predicted", "score"]].notna().all(axis=None)
    assert table["score"].between(1, 5).all()
    assert set(pd.read_parquet(out / "predictions/attention.parquet")["task"]) == set(TASKS)
    if settings["objective"] == "values":
        edges = pd.cut(table["score"], [0, 2, 4, 5], labels=[0, 1, 2]).astype(int)
        assert (edges == table["predicted"]).all()


def test_it_is_evaluated_like_any(made):
    scores = json.loads((made[0] / "metrics.json").read_text())["loso5"]["mtl-att"]["test"]
    assert {"uar", "ccc"} <= scores["valence"].keys()


REFUSED = [
    ({"front_end": "strided"}, "ssl-att", "train.front_end: ssl-att takes an encoder's frames"),
    ({"front_end": "paper-windowed"}, "lld-rnn", "train.front_end: lld-rnn takes descriptors"),
    ({"direction": "bidirectional"}, "ssl-att", "train.direction: ssl-att has no GRUs"),
]


@pytest.mark.parametrize(("settings", "system", "said"), REFUSED)
def test_what_does_not_go_together_is_refused_by_the_parameters_and_by_the_step(data, tmp_path, settings, system, said):
    with pytest.raises(AttuneError, match=said):
        fit(data, tmp_path, params(**settings), system)
    with pytest.raises(ValueError, match=said):
        Params.model_validate({"systems": [system], "register": {"system": system}, "train": settings})
    assert not (tmp_path / "checkpoints").exists()


@pytest.mark.parametrize("objective", ["values", "both"])
def test_categories_have_no_values_to_train_on(objective):
    tasks = (Task("mood", ("glad", "sad"), None),)
    with pytest.raises(AttuneError, match=f"train.objective: '{objective}' needs ratings, and mood has categories"):
        choices.check(params(objective=objective).train, "mtl-att", tasks)
    choices.check(params().train, "mtl-att", tasks)


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"front_end": "gammatone"}, "train.front_end"),
        ({"objective": "ranks"}, "train.objective"),
        ({"objective": "values", "batch_size": 1}, "train.batch_size: objective 'values' needs batches of 2"),
        ({"recipe": "paper", "objective": "both"}, "train.objective: both contradicts the recipe 'paper'"),
    ],
)
def test_an_unknown_or_impossible_choice_is_named(settings, said):
    with pytest.raises(ValueError, match=said):
        Params.model_validate({"train": settings})
