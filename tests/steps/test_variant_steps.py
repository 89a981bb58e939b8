"""What the parameters can choose goes through the same steps, or is refused before anything is trained."""

import json

import pytest
import toy_partitions
from safetensors.numpy import load_file

from attune.errors import AttuneError
from attune.params import Params
from attune.steps import choices, evaluate, predict, train
from attune.tasks import Task

pytestmark = pytest.mark.slow

VARIANTS = {
    "strided values": {"front_end": "strided", "direction": "bidirectional", "objective": "values"},
    "windowed both": {"front_end": "paper-windowed", "objective": "both"},
    "helped": {"task_weighting": "uncertainty", "auxiliary": {"speaker": 0.1}},
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
    shipped = {key: settings[key] for key in settings if key not in ("task_weighting", "auxiliary")}
    assert shipped.items() <= architecture.items()


def test_what_only_helps_in_training_is_not_in_the_model(made):
    parts = {name.split(".")[1] for name in load_file(made[0] / "models/model.safetensors")}
    assert parts == {"front_end", "branches"}


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("category", r"no utterance of the training partition has a label"),
        ("rater_spread", r"no utterance of the training partition has a label"),
        ("gender", r"all utterances of the training partition have the same label"),
    ],
)
def test_an_auxiliary_task_that_cannot_be_learnt_is_refused_by_name_before_anything_is_trained(
    data, tmp_path, name, said
):
    with pytest.raises(AttuneError, match=rf"fold session1: train\.auxiliary\.{name}: {said}"):
        fit(data, tmp_path, params(auxiliary={name: 0.1}))
    assert not (tmp_path / "checkpoints").exists()


REFUSED = [
    ({"front_end": "strided"}, "ssl-att", "train.front_end: ssl-att uses an encoder's frames"),
    ({"front_end": "paper-windowed"}, "lld-rnn", "train.front_end: lld-rnn uses descriptors"),
    ({"direction": "bidirectional"}, "ssl-att", "train.direction: ssl-att has no GRUs"),
    ({"task_weighting": "uncertainty"}, "stl", "train.task_weighting: the networks of stl have one task each"),
    ({"task_weights": {"valence": 0.0}}, "stl-att", "train.task_weights.valence: at 0"),
    ({"task_weights": {"arousal": 0.0}}, "lld-rnn", "train.task_weights.arousal: at 0"),
    ({"auxiliary": {"gender": 0.1}}, "lld-rnn", "train.auxiliary.gender: the tasks of lld-rnn share no layer"),
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
    choices.check(params(objective=objective).train, "egemaps-svm", tasks)
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
