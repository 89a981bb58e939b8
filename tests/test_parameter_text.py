"""Whatever stands in params.yaml, or is given as JSON, is parameters or one error of ours."""

import json
import time

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from attune import params
from attune.errors import AttuneError
from attune.settings import parameter_text

SECTIONS = list(params.Params().model_dump(by_alias=True))
NAMES = st.sampled_from([*SECTIONS, "epochs", "seed", "kind", "root", "minimum", "arousal", "uar", "name"]) | st.text()
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(NAMES, inner, max_size=4),
    max_leaves=12,
)
MARKS = "{}[]:,-\"'&*!|>%@#?\n \t01.aetrue~<\x00\x85\u2028é"
HOSTILE_JSON = [
    '{"protocol": []}',
    '{"protocol": {"a": 1}}',
    '{"folds": [{}, [[]]], "systems": [{}]}',
    '{"train": {"seed": ' + "9" * 5000 + "}}",
    '{"train": {"seed": ' + "9" * 4000 + ', "epochs": ' + "9" * 4000 + "}}",
    '{"a":' * 100_000,
    '{"train": NaN, "compute": {"threads": Infinity}}',
    '{"\\ud800": 1}',
    '{"corpus": {"root": "\\u0000"}}',
    '{"' + "a" * 2_000_000 + '": 1}',
]
HOSTILE_YAML = [
    "a: &x [*x]",
    "train: &t {seed: *t}",
    "train: {seed: " + "9" * 5000 + "}",
    "[" * 3_000,
    "- " * 5000 + "a",
    "a: !!python/object:os.system x",
    "a: !!timestamp x",
    "a: !!float x",
    "? [a]\n: b",
    "1: {}",
    "true: {}",
    "a: 1\na: 2",
    "<<: 5",
    "corpus: {root: 2020-01-01}",
    "a: &a [1,1,1,1,1,1,1,1,1]\n"
    + "".join(f"{b}: &{b} [{','.join([f'*{a}'] * 9)}]\n" for a, b in zip("abcdefgh", "bcdefghi", strict=True))
    + "folds: *i\n",
]


def error_of(source):
    """The message of the error, empty where there is none; anything but an AttuneError fails the test."""
    try:
        params.load(source)
    except AttuneError as error:
        return str(error)
    return ""


@settings(max_examples=150)
@given(st.dictionaries(NAMES, VALUES, max_size=4))
def test_random_json_is_parameters_or_an_error_of_ours(values):
    assert len(error_of(json.dumps(values))) < 20_000


@settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(st.text(alphabet=MARKS, max_size=40) | st.text(max_size=60))
def test_random_text_is_parameters_or_an_error_of_ours(tmp_path, text):
    file = tmp_path / "params.yaml"
    file.write_bytes(text.encode("utf-8", "surrogatepass"))
    error_of(file)
    error_of("{" + text)


@pytest.mark.parametrize("number", range(len(HOSTILE_JSON)))
def test_hostile_json_is_one_short_error_at_once(number):
    began = time.process_time()
    assert 0 < len(error_of(HOSTILE_JSON[number])) < 5000
    assert time.process_time() - began < 5


@pytest.mark.parametrize("number", range(len(HOSTILE_YAML)))
def test_hostile_yaml_is_one_short_error_at_once(tmp_path, number):
    file = tmp_path / "params.yaml"
    file.write_text(HOSTILE_YAML[number])
    began = time.process_time()
    assert 0 < len(error_of(file)) < 5000
    assert time.process_time() - began < 10


@pytest.mark.parametrize("source", ["/", "\0", "a" * 5000, "nowhere/at\ud800all"])
def test_what_is_no_file_is_an_error_of_ours(source):
    assert error_of(source)


def test_too_little_memory_is_no_fault_of_the_text(monkeypatch):
    def out_of_memory(text):
        raise MemoryError

    monkeypatch.setattr("json.loads", out_of_memory)
    with pytest.raises(MemoryError):
        parameter_text.read('{"train": {}}')


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (b"train: {seed: 1}\ncorpus: [\n", r":3: is not valid YAML: .*\n  Write sections"),
        (b"{train: {seed: 1}\n", r":2: is not valid YAML: .*\n  Write sections"),
        (b"train: {seed: 1}\n# caf\xe9\n", r":2: is not UTF-8\n  Save the file"),
        (b"- train\n", r": must be a mapping of sections\n  Write sections"),
    ],
)
def test_a_file_that_cannot_be_read_names_the_line_and_what_to_do(tmp_path, text, said):
    path = tmp_path / "params.yaml"
    path.write_bytes(text)
    with pytest.raises(AttuneError, match=rf"params\.yaml{said}"):
        params.load(str(path))


def test_a_file_may_be_one_flow_mapping_which_is_yaml_and_not_json(tmp_path):
    path = tmp_path / "params.yaml"
    path.write_text("{train: {seed: 2}}\n")
    assert params.load(path).train.seed == 2


def test_text_that_is_no_json_says_so_and_what_to_give():
    with pytest.raises(AttuneError, match=r"is not valid JSON: .*\n  Write it as \{\"train\""):
        params.load("{train: {seed: 2}}")
