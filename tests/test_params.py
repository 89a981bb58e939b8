import json
from pathlib import Path

import pytest

from attune import params
from attune.errors import AttuneError

REPOSITORY = Path(__file__).parent.parent


def test_the_repositorys_params_yaml_spells_out_every_default():
    written = params.load(REPOSITORY / "params.yaml")
    assert written == params.Params()


def test_every_key_of_the_schema_stands_in_params_yaml():
    from ruamel.yaml import YAML

    written = YAML(typ="safe").load((REPOSITORY / "params.yaml").read_text())
    assert _keys(written) == _keys(params.Params().model_dump(by_alias=True))


def _keys(tree, prefix=""):
    if not isinstance(tree, dict):
        return {prefix}
    return {key for name, branch in tree.items() for key in _keys(branch, f"{prefix}.{name}")}


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"trian": {}}, "unknown parameter 'trian'"),
        ({"train": {"epoch": 3}}, "unknown parameter 'train.epoch'"),
        ({"train": {"epochs": "many"}}, 'train.epochs: input should be a valid integer, got "many"'),
        ({"train": {"epochs": 0}}, "train.epochs: input should be greater than or equal to 1, got 0"),
        ({"train": {"epochs": True}}, "train.epochs"),
        ({"protocol": "loso6"}, "there is no protocol 'loso6'; choose one of loso5"),
        ({"folds": ["session6"]}, "'session6' is not a fold of loso5; its folds are session1"),
        ({"folds": ["session1", "session1"]}, "folds: named twice"),
        ({"protocol": "given", "folds": ["a; rm -rf b"]}, "folds: 'a; rm -rf b' has other characters than letters"),
        ({"protocol": "given", "folds": ["../x"]}, "folds: '../x' has other characters"),
        (
            {"protocol": "3-fold", "folds": ["fold4"]},
            "'fold4' is not a fold of 3-fold; its folds are fold1, fold2, fold3",
        ),
        ({"corpus": {"roots": "x"}}, "unknown parameter 'corpus.roots'"),
        ({"protocol": "paper-as-written", "folds": ["session1"]}, "its folds are session5"),
        ({"systems": []}, "systems"),
        ({"systems": ["mtl-atta"]}, 'got "mtl-atta" (did you mean mtl-att?)'),
        (
            {"ssl": {"tuned": "some"}},
            "ssl.tuned: input should be 'none', 'all' or 'lora', or a valid integer, got \"some\"",
        ),
        ({"promote": {"minimum": {"arousal": {"f1": 0.4}}}}, "promote.minimum.arousal.f1: input should be 'uar' or"),
        ({"validate": {"min_seconds": 5.0, "max_seconds": 1.0}}, "validate.min_seconds: 5 is above max_seconds, 1"),
        ({"train": 3}, "train: input should be a mapping of its keys, got 3"),
        (
            {"systems": ["egemaps-svm-transductive"], "register": {"system": "egemaps-svm-transductive"}},
            "register.system: input should be 'stl'",
        ),
    ],
)
def test_bad_parameters_are_named(given, said):
    with pytest.raises(AttuneError) as error:
        params.load(json.dumps(given))
    assert said in str(error.value)


def test_folds_default_to_all_of_the_protocol():
    assert params.load('{"protocol": "paper-by-counts"}').folds == ["session1"]
    assert len(params.load('{"protocol": "lospko10"}').folds) == 10
    assert params.load('{"protocol": "12-fold"}').folds[-1] == "fold12"


def test_numbers_as_dvc_writes_them_are_numbers(tmp_path):
    file = tmp_path / "params.yaml"
    file.write_text("train: {learning_rate: 1e-05}\n")
    assert params.load(file).train.learning_rate == 1e-5


@pytest.mark.parametrize("text", ["train: [", "- a\n- b\n", "a: b: c"])
def test_what_is_not_a_mapping_of_sections_is_refused_with_the_files_name(tmp_path, text):
    file = tmp_path / "mine.yaml"
    file.write_text(text)
    with pytest.raises(AttuneError, match=r"mine\.yaml"):
        params.load(file)


def test_a_missing_file_says_how_to_name_one(tmp_path):
    with pytest.raises(AttuneError, match="--params"):
        params.load(tmp_path / "nowhere.yaml")


def test_parameters_cannot_be_changed_once_read():
    with pytest.raises(ValueError, match="frozen"):
        params.Params().train.epochs = 3
