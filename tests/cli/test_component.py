"""The commands that run inside containers, through the real command line."""

import json

import pytest
from click.testing import CliRunner

from attune.artifacts.metrics import write as write_metrics
from attune.cli import app
from attune.errors import AttuneError
from attune.kubeflow import executor
from attune.storage import addresses


def executor_input(folder, inputs=None, outputs=("out",), parameters=()):
    def artifacts(paths):
        return {"artifacts": [{"name": "a", "uri": str(path)} for path in paths]}

    return json.dumps(
        {
            "inputs": {"artifacts": {name: artifacts(paths) for name, paths in (inputs or {}).items()}},
            "outputs": {
                "artifacts": {name: artifacts([folder / name]) for name in outputs},
                "parameters": {name: {"outputFile": str(folder / name)} for name in parameters},
                "outputFile": str(folder / "report.json"),
            },
        }
    )


def pipeline(*arguments):
    done = CliRunner().invoke(app, ["pipeline", *map(str, arguments)])
    if isinstance(done.exception, AttuneError):
        raise done.exception
    return done


SMALL = json.dumps({"corpus": {"synthetic": {"utterances_per_speaker": 4.0}}})


def test_a_step_runs_and_its_artifacts_are_reported(tmp_path):
    done = pipeline(
        *["step", "--executor-input", executor_input(tmp_path), "--download", "data/raw", "--"],
        *["corpus", "--params", SMALL, "--root", "data/raw", "--out", tmp_path / "out"],
    )
    assert done.exit_code == 0, done.output
    assert (tmp_path / "out" / "utterances.parquet").exists()
    (out,) = json.loads((tmp_path / "report.json").read_text())["artifacts"]["out"]["artifacts"]
    assert out["uri"] == str(tmp_path / "out")


def test_what_all_cells_wrote_becomes_one_folder_in_their_order(tmp_path):
    parts = [tmp_path / name for name in ("b", "a")]
    for part in parts:
        (part / "deep").mkdir(parents=True)
        (part / "deep" / "model.json").write_text(part.name)
    done = pipeline(
        *["gather", "--executor-input", executor_input(tmp_path, {"parts": parts}), "--out", tmp_path / "out"],
    )
    assert done.exit_code == 0, done.output
    assert [path.read_text() for path in sorted((tmp_path / "out").rglob("model.json"))] == ["b", "a"]
    assert json.loads((tmp_path / "report.json").read_text())["artifacts"]["out"]["artifacts"]


def test_a_refusal_is_told_and_is_no_failure_where_it_is_asked_for(tmp_path):
    validate = ["validate", "--params", "{}", "--corpus", tmp_path, "--root", "x", "--out", tmp_path / "out"]
    given = executor_input(tmp_path, outputs=("validated", "docs"), parameters=("refusal",))
    with pytest.raises(AttuneError, match="no such file"):
        pipeline("step", "--executor-input", given, "--", *validate)
    assert not (tmp_path / "report.json").exists()
    done = pipeline("step", "--executor-input", given, "--refusal", "refusal", "--", *validate)
    assert done.exit_code == 0, done.output
    assert "no such file" in (tmp_path / "refusal").read_text()
    assert (tmp_path / "report.json").exists()


def test_an_output_is_copied_to_an_address_only_if_there_is_one(tmp_path):
    run = [
        *["step", "--executor-input", executor_input(tmp_path)],
        *["--upload", "out"],
    ]
    corpus = ["--", "corpus", "--params", SMALL, "--root", "x", "--out", tmp_path / "out"]
    assert pipeline(*run, "", *corpus).exit_code == 0
    assert pipeline(*run, tmp_path / "copy", *corpus).exit_code == 0
    assert (tmp_path / "copy" / "ratings.parquet").read_bytes() == (tmp_path / "out" / "ratings.parquet").read_bytes()


@pytest.mark.parametrize(
    ("kind", "given", "found"), [("synthetic", "", ""), ("iemocap", "v1", "v1"), ("iemocap", "", "digest")]
)
def test_the_data_is_looked_at_where_nobody_named_it(tmp_path, kind, given, found):
    (tmp_path / "corpus").mkdir()
    (tmp_path / "corpus" / "a.wav").write_text("sound")
    done = pipeline(
        *["data-version", "--executor-input", executor_input(tmp_path, outputs=(), parameters=("version",))],
        *["--params", json.dumps({"corpus": {"kind": kind}}), "--root", tmp_path / "corpus", "--given", given],
    )
    assert done.exit_code == 0, done.output
    version = (tmp_path / "version").read_text()
    assert version == (addresses.version(str(tmp_path / "corpus")) if found == "digest" else found)


def test_admit_stops_on_a_refusal_with_its_words():
    assert pipeline("admit", "--refusal", "").exit_code == 0
    with pytest.raises(AttuneError, match="rule unique-utterance"):
        pipeline("admit", "--refusal", "rule unique-utterance is broken")


def test_the_gate_tells_what_it_found_and_stops_what_falls_short(tmp_path):
    scores = {task: {"uar": {"value": 0.5, "low": 0.4, "high": 0.6}} for task in ("arousal", "valence")}
    write_metrics(tmp_path / "metrics.json", tmp_path, {"loso5": {"mtl-att": {"test": scores}}})
    gate = ["gate", "--evaluation", tmp_path, "--params", '{"register": {"system": "mtl-att"}}', "--minimum"]
    assert "arousal uar: lower end 0.400" in pipeline(*gate, '{"arousal": {"uar": 0.4}}').output
    with pytest.raises(AttuneError, match=r"mtl-att is not registered: valence uar 0.400 < 0.450"):
        pipeline(*gate, '{"arousal": {"uar": 0.4}, "valence": {"uar": 0.45}}')


def test_the_gate_lets_nothing_pass_by_scores_that_were_edited(tmp_path):
    scores = {"arousal": {"uar": {"value": 0.5, "low": 0.4, "high": 0.6}}}
    write_metrics(tmp_path / "metrics.json", tmp_path, {"loso5": {"mtl-att": {"test": scores}}})
    path = tmp_path / "metrics.json"
    path.write_text(path.read_text().replace("0.4", "0.9"))
    gate = ["gate", "--evaluation", tmp_path, "--params", '{"register": {"system": "mtl-att"}}', "--minimum"]
    with pytest.raises(AttuneError, match=r"metrics\.json: is damaged or was edited"):
        pipeline(*gate, '{"arousal": {"uar": 0.8}}')


def test_these_commands_are_not_shown_to_people():
    shown = pipeline("--help").output
    assert not {"step", "data-version", "gather", "admit", "gate", "close"} & set(shown.split())


def test_closing_where_nothing_was_tracked_needs_no_server(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("MLFLOW_TRACKING_URI", raising=False)
    for run in ("", "run-7"):
        monkeypatch.setenv("ATTUNE_PIPELINE_RUN", run)
        assert "FAILED; 0 MLflow runs closed" in pipeline("close", "--status", '{"state": "FAILED"}').output
    assert list(tmp_path.iterdir()) == []


def test_an_executor_input_that_is_none_is_one_message():
    with pytest.raises(AttuneError, match="executor input"):
        pipeline("step", "--executor-input", "{{$}}", "--", "corpus")
    assert executor.MOUNTS


def test_a_fan_in_to_which_nothing_arrived_is_an_error_not_an_empty_result(tmp_path):
    with pytest.raises(AttuneError, match="no cell delivered anything"):
        pipeline("gather", "--executor-input", executor_input(tmp_path), "--out", tmp_path / "out")
    assert not (tmp_path / "out").exists()
