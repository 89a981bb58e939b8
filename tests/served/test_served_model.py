"""The model that MLflow loads back gives the folds' mean, by column name, and refuses by row."""

import subprocess
import sys

import mlflow
import numpy as np
import pandas as pd
import pytest
from mlflow.exceptions import MlflowException
from registry_samples import FOLDS, RATE, voice, write_model, write_wav

from attune.model import bundle
from attune.registry import package
from attune.tasks import TASKS

pytestmark = pytest.mark.slow


@pytest.fixture(scope="session")
def saved(trained, tmp_path_factory):
    folder = tmp_path_factory.mktemp("saved") / "model"
    with package.arguments({fold: trained / "models/mtl-att" / fold for fold in FOLDS}) as arguments:
        mlflow.pyfunc.save_model(folder, **arguments)
    return folder


@pytest.fixture(scope="session")
def served(saved):
    return mlflow.pyfunc.load_model(str(saved))


@pytest.fixture(scope="session")
def members(trained):
    return [bundle.load(trained / "models/mtl-att" / fold) for fold in FOLDS]


def rows(*waves, rate=RATE):
    return pd.DataFrame({"samples": list(waves), "rate": [rate] * len(waves)})


def test_answers_are_the_mean_of_the_folds_to_a_millionth(served, members):
    waves = [voice(seconds, seed=number) for number, seconds in enumerate((0.1, 3.7, 0.5, 1.234))]
    answer = served.predict(rows(*waves))
    alone = [[member.predict([wave])[0] for member in members] for wave in waves]
    for task in TASKS:
        expected = [np.mean([prediction.scores[task] for prediction in of_folds]) for of_folds in alone]
        np.testing.assert_allclose(answer[task], expected, atol=1e-6)
        shares = [np.mean([prediction.probabilities[task] for prediction in of_folds], axis=0) for of_folds in alone]
        columns = [f"{task}_{name}" for name in ("low", "middle", "high")]
        np.testing.assert_allclose(answer[columns], shares, atol=1e-6)


def test_scores_lie_on_the_scale_and_shares_add_up_to_one(served):
    answer = served.predict(rows(voice(0.7), voice(1.0, seed=1)))
    assert answer[list(TASKS)].stack().between(1, 5).all()
    for task in TASKS:
        np.testing.assert_allclose(answer[[f"{task}_{name}" for name in ("low", "middle", "high")]].sum(axis=1), 1)


def test_attention_comes_on_request_with_its_time_axis(served, members):
    wave = voice(0.5)
    assert not [column for column in served.predict(rows(wave)) if "attention" in column]
    answer = served.predict(rows(wave, voice(0.1)), params={"attention": True})
    seconds = answer.loc[0, "attention_seconds"]
    np.testing.assert_allclose(seconds, 0.02 + 0.01 * np.arange(47))  # 1 + (8000 - 640) / 160 windows
    assert len(answer.loc[1, "attention_seconds"]) == 7
    for task in TASKS:
        expected = np.mean([member.predict([wave])[0].attention[task] for member in members], axis=0)
        np.testing.assert_allclose(answer.loc[0, f"{task}_attention"], expected, atol=1e-6)


def test_paths_and_samples_mix_in_one_request(served, tmp_path):
    wave = voice(0.4)
    path = write_wav(tmp_path / "a.wav", wave)
    mixed = pd.DataFrame([{"path": str(path)}, {"samples": wave, "rate": RATE}])
    answer = served.predict(mixed)
    scores = answer.select_dtypes("number")
    np.testing.assert_allclose(scores.iloc[0], scores.iloc[1], atol=1e-6)


def test_the_index_of_the_request_is_kept(served):
    request = rows(voice(0.2), voice(0.3)).set_index(pd.Index(["x", "y"]))
    assert list(served.predict(request).index) == ["x", "y"]


def test_bad_rows_are_named_and_are_the_clients_fault(served):
    bad = pd.DataFrame([{"samples": voice(0.2), "rate": RATE}, {"path": "gone.wav"}, {"samples": [], "rate": RATE}])
    with pytest.raises(MlflowException, match=r"2 of 3 rows .*row 1: gone.wav.*row 2: contains no samples") as caught:
        served.predict(bad)
    assert caught.value.get_http_status_code() == 400


def test_bad_rows_are_set_aside_where_asked(served):
    bad = pd.DataFrame([{"path": "gone.wav"}, {"samples": voice(0.2), "rate": RATE}])
    answer = served.predict(bad, params={"errors": "column", "attention": True})
    assert "gone.wav" in answer.loc[0, "error"]
    assert answer.loc[0, list(TASKS)].isna().all()
    assert answer.loc[0, "arousal_attention"] is None
    assert answer.loc[1, "error"] is None
    np.testing.assert_allclose(answer.loc[1, list(TASKS)].astype(float), served.predict(bad[1:])[list(TASKS)].iloc[0])


def test_a_request_without_rows_has_an_answer_without_rows(served):
    assert list(served.predict(rows()).columns[:3]) == list(TASKS)
    assert len(served.predict(rows())) == 0


def test_unknown_params_are_refused(served):
    with pytest.raises(MlflowException, match="errors must be one of"):
        served.predict(rows(voice(0.2)), params={"errors": "ignore"})


def test_a_single_task_system_without_attention_serves_too(tmp_path):
    write_model(tmp_path / "fold", "stl", "session1", seed=0)
    with package.arguments({"session1": tmp_path / "fold"}) as arguments:
        mlflow.pyfunc.save_model(tmp_path / "model", **arguments)
    answer = mlflow.pyfunc.load_model(str(tmp_path / "model")).predict(rows(voice(0.3)), params={"attention": True})
    assert answer.loc[0, "valence_attention"] is None
    assert 1 <= answer.loc[0, "valence"] <= 5


def test_a_version_holds_no_pickle_and_pins_all_it_needs(saved):
    names = {path.name for path in saved.rglob("*") if path.is_file()}
    assert not [name for name in names if name.endswith((".pkl", ".pt", ".pth", ".bin"))]
    needed = (saved / "requirements.txt").read_text().split()
    assert {line.partition("==")[0] for line in needed if "==" in line} == {
        *("mlflow", "numpy", "pandas", "pydantic", "safetensors", "soundfile", "torch", "torchaudio")
    }
    constraints = (saved / "constraints.txt").read_text().split()
    assert len(constraints) > 50
    assert all("==" in line for line in constraints)


def test_the_shipped_code_suffices(saved, tmp_path):
    """Loaded where attune itself, and what only training needs, cannot be imported."""
    path = write_wav(tmp_path / "a.wav", np.stack([voice(0.4, 44_100)] * 2, axis=1), 44_100)
    script = tmp_path / "alone.py"
    script.write_text(
        f"""
import sys
FORBIDDEN = {{"sklearn", "matplotlib", "great_expectations", "dvc", "jinja2", "rich", "click", "ruamel"}}
class Refuse:
    def find_spec(self, name, path=None, target=None):
        caller = sys._getframe(1)
        while caller and "importlib" in caller.f_code.co_filename:
            caller = caller.f_back
        if name.split(".")[0] in FORBIDDEN and caller and "/attune/" in caller.f_code.co_filename:
            raise ImportError(f"the shipped code imports {{name}}")
sys.meta_path.insert(0, Refuse())
sys.path = [entry for entry in sys.path if not entry.endswith("main/src") and "/attune" not in entry]
import mlflow, pandas
model = mlflow.pyfunc.load_model({str(saved)!r})
import attune
assert attune.__file__.startswith({str(saved)!r}), attune.__file__
print(model.predict(pandas.DataFrame({{"path": [{str(path)!r}]}})).loc[0, "arousal"])
"""
    )
    done = subprocess.run([sys.executable, str(script)], capture_output=True, text=True, cwd=tmp_path, check=False)
    assert done.returncode == 0, done.stderr
    assert 1 <= float(done.stdout.split()[-1]) <= 5
