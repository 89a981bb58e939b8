"""The gate: who passes, who does not and why, and the marks each verdict leaves."""

import json

import pandas as pd
import pytest
from click.testing import CliRunner
from promotion_samples import PARAMS, predictions, register
from registry_samples import write_model

from attune.artifacts.metrics import Metrics
from attune.cli import app
from attune.errors import AttuneError
from attune.evaluation.scoring import as_metrics, score_partitions
from attune.kubeflow.gate import check
from attune.params import Params
from attune.promotion import champion, compare, cost, history, judge, policy
from attune.promotion.compare import Subject
from attune.promotion.policy import Cost
from attune.registry import versions
from attune.tags import COST
from attune.tasks import TASKS, Task
from attune.tracking import client as mlflow_client

pytestmark = pytest.mark.slow


@pytest.fixture
def client(here, monkeypatch):
    """MLflow, and models that cost little without being there."""
    monkeypatch.setattr(cost, "measure", lambda version: Cost(2.0, 0.1))
    monkeypatch.setenv("MLFLOW_TRACKING_USERNAME", "ada")
    return mlflow_client.connect()


def promote(client, which=None, params=PARAMS, **how):
    return judge.promote(client, params, which, **how)


def failing(verdict):
    return [check.about for check in verdict.checks if not check.holds]


def aliased(client):
    return champion.aliased(client, "attune")


def test_the_first_champion_needs_no_comparison(client):
    register(predictions(0.3))
    verdict = promote(client)
    assert verdict.outcome == "accepted"
    assert not [check for check in verdict.checks if "champion" in check.about]
    assert aliased(client) == "1"
    [entry] = history.read(client, "attune")
    assert (entry.by, entry.reason) == ("ada", "meets the policy; the first champion")


def test_a_better_candidate_is_promoted_and_a_worse_one_refused(client):
    register(predictions(0.3, 1))
    promote(client)
    register(predictions(0.1, 2))
    assert promote(client).champion == "1"
    assert aliased(client) == "2"
    register(predictions(0.4, 3))
    verdict = promote(client)
    assert verdict.outcome == "refused"
    assert "UAR of arousal against the champion" in failing(verdict)
    assert aliased(client) == "2"
    assert len(history.read(client, "attune")) == 2


def test_every_verdict_leaves_tags_and_an_artifact(client):
    register(predictions(0.1))
    register(predictions(0.9))
    for which, outcome in (("1", "accepted"), ("2", "refused")):
        promote(client, which)
        version = client.get_model_version("attune", which)
        assert version.tags["attune.promotion"] == outcome
        assert version.tags["attune.promotion.by"] == "ada"
        assert cost.recorded(version) == Cost(2.0, 0.1)
        run_id, _, path = version.tags["attune.promotion.verdict"].removeprefix("runs:/").partition("/")
        written = json.loads(open(client.download_artifacts(run_id, path)).read())  # noqa: PTH123, SIM115
        assert written["outcome"] == outcome
        assert written["reason"] == version.tags["attune.promotion.reason"]
    assert history.read(client, "attune")[0].verdict.startswith("runs:/")


def test_a_dry_run_changes_nothing(client):
    register(predictions(0.1))
    before = client.get_model_version("attune", "1").tags
    assert promote(client, dry_run=True).outcome == "accepted"
    assert client.get_model_version("attune", "1").tags == before
    assert aliased(client) is None
    assert history.read(client, "attune") == []


def test_force_promotes_what_the_policy_refuses_and_leaves_its_mark(client):
    register(predictions(0.8))
    assert promote(client, force="demo on Friday").outcome == "forced"
    [entry] = history.read(client, "attune")
    assert entry.forced
    assert "demo on Friday" in entry.reason
    assert "UAR of arousal" in entry.reason
    assert client.get_model_version("attune", "1").tags["attune.promotion"] == "forced"


def test_force_leaves_no_mark_where_the_policy_holds(client):
    register(predictions(0.1))
    assert promote(client, force="to be sure").outcome == "accepted"
    assert not history.read(client, "attune")[0].forced


@pytest.mark.parametrize(
    ("tags", "found"),
    [
        ({"attune.git.commit": None}, "no attune.git.commit"),
        ({"attune.dvc": None, "attune.seeds": None}, "no attune.dvc, attune.seeds"),
        (
            {"attune.git.clean": "false", "attune.git.changed": '["src/x.py", "params.yaml"]'},
            "not as committed: src/x.py",
        ),
        ({"attune.git.clean": None}, "not as committed: not known what"),
    ],
)
def test_incomplete_lineage_is_refused(client, tags, found):
    register(predictions(0.1), tags)
    verdict = promote(client)
    assert verdict.outcome == "refused"
    assert found in [check.found for check in verdict.checks if not check.holds]


def test_of_thousands_of_changed_files_the_first_few_are_named_since_no_tag_holds_them_all():
    changed = json.dumps([f"recordings/{number:05}.wav" for number in range(6000)])
    [*_, code] = policy.lineage({"attune.git.clean": "false", "attune.git.changed": changed})
    assert code.found.startswith("not as committed: recordings/00000.wav, recordings/00001.wav, ")
    assert code.found.endswith("recordings/00009.wav, and 5990 more")


def test_changed_parameters_are_no_gap_because_the_version_holds_them(client):
    register(predictions(0.1), {"attune.git.clean": "false", "attune.git.changed": '["params.yaml"]'})
    assert promote(client).outcome == "accepted"


def test_a_champion_without_predictions_is_a_clear_refusal(client):
    register(None)
    promote(client, "1", force="by hand")
    register(predictions(0.1))
    verdict = promote(client)
    assert failing(verdict) == ["comparison with the champion"]
    assert "attune version 1: its predictions are missing" in verdict.reason


def test_a_champion_on_other_utterances_is_a_clear_refusal(client):
    register(predictions(0.2))
    promote(client)
    register(predictions(0.1, per_dialog=15))
    verdict = promote(client)
    assert failing(verdict) == ["same test utterances"]
    assert "180 only in attune version 2, 0 only in attune version 1" in verdict.reason


def test_a_model_that_cannot_be_fetched_is_refused_not_fatal(here):
    register(predictions(0.1))
    verdict = promote(mlflow_client.connect())
    assert failing(verdict) == ["size and latency"]


def test_a_version_whose_run_mlflow_gc_has_removed_can_be_judged_and_forced(client):
    register(predictions(0.1))
    run_id = client.get_model_version("attune", "1").run_id
    client.delete_run(run_id)
    client._tracking_client.store._hard_delete_run(run_id)  # as `mlflow gc` does
    assert promote(client).outcome == "refused"
    assert promote(client, force="it has proved itself").outcome == "forced"
    assert aliased(client) == "1"


def test_who_is_champion_already_is_told_so(client):
    register(predictions(0.1))
    promote(client)
    with pytest.raises(AttuneError, match="attune version 1: is the champion already"):
        promote(client, "1")


def test_unknown_versions_and_aliases_are_named(client):
    register(predictions(0.1))
    for which in ("7", "challenger"):
        with pytest.raises(AttuneError, match=f"no version or alias '{which}'"):
            promote(client, which)


def test_a_candidate_overtaken_by_a_better_one_is_judged_again(client, monkeypatch):
    register(predictions(0.4, 1))
    register(predictions(0.0, 2))
    append, first = history.append, iter([True])

    def overtaken(client, name, entry):
        if next(first, False):
            append(client, name, entry._replace(version="2", by="bob"))
        return append(client, name, entry)

    monkeypatch.setattr(history, "append", overtaken)
    verdict = promote(client, "1")
    assert (verdict.outcome, verdict.champion) == ("refused", "2")
    assert [entry.by for entry in history.read(client, "attune")] == ["bob"]


def subject(table, label="a"):
    return Subject(label, table.sort_values(["utterance", "task"], ignore_index=True))


def test_harm_to_one_speaker_is_refused_though_the_whole_is_better():
    old = predictions(0.5, 1)
    new = predictions(0.0, 2)
    mine = (new["speaker"] == "Ses03M") & (new["task"] == "valence")
    new.loc[mine, "predicted"] = (new.loc[mine, "actual"] + 1) % 3
    checks = policy.against_champion(subject(new), subject(old), PARAMS.promote, PARAMS.evaluate)
    failed = [check for check in checks if not check.holds]
    assert [check.about for check in failed] == ["worst speaker against the champion"]
    assert failed[0].found.startswith("Ses03M, valence: −")


def test_a_single_utterance_is_no_speaker_who_could_be_harmed():
    """A corpus that names no speakers has one for each utterance, and one answer or other is always lost."""
    pair = [subject(table.assign(speaker=table["utterance"])) for table in (predictions(0.3, 2), predictions(0.3, 1))]
    about = [check.about for check in policy.against_champion(*pair, PARAMS.promote, PARAMS.evaluate)]
    assert "worst gender against the champion" in about
    assert "worst speaker against the champion" not in about


def test_not_worse_must_be_shown_not_only_seen():
    """The same score on average, but too few utterances to exclude a loss: the interval decides."""
    few = [subject(predictions(0.3, seed, per_dialog=3)) for seed in (1, 2)]
    checks = {check.about: check for check in policy.against_champion(*few, PARAMS.promote, PARAMS.evaluate)}
    assert not all(checks[f"UAR of {task} against the champion"].holds for task in TASKS)
    wide = Params.model_validate({"promote": {"margin": 0.9, "group_margins": dict.fromkeys(
        ("gender", "scenario", "speaker"), 0.9)}})  # fmt: skip
    assert all(check.holds for check in policy.against_champion(*few, wide.promote, PARAMS.evaluate))


def test_the_minimum_is_for_the_intervals_lower_end():
    rows = subject(predictions(0.45, 1))
    assert all(check.holds for check in policy.minimum(rows, PARAMS.promote, PARAMS.evaluate))
    strict = Params.model_validate({"promote": {"minimum": {task: {"uar": 0.54} for task in TASKS}}})
    assert not any(check.holds for check in policy.minimum(rows, strict.promote, PARAMS.evaluate))


@pytest.mark.parametrize("task", ["mood", "tempo"])
def test_a_minimum_for_what_is_not_predicted_is_a_fault_of_the_parameters_not_of_the_version(client, monkeypatch, task):
    mood = Task("mood", ("cross", "glad", "even"), None)
    found = subject(predictions(0.3))
    rows = pd.concat([found.rows, found.rows[found.rows["task"] == "arousal"].assign(task="mood")])
    monkeypatch.setattr(compare, "of_version", lambda *_: Subject("one", rows, (*found.tasks, mood)))
    register(predictions(0.3))
    wrong = Params.model_validate({"promote": {"minimum": {task: {"ccc": 0.0}}}, "evaluate": {"resamples": 100}})
    with pytest.raises(AttuneError, match=f"minimum: .*{task}.*\n  (Set a minimum for its uar|Tasks are .*mood)"):
        promote(client, params=wrong)
    assert "attune.promotion" not in client.get_model_version("attune", "1").tags


def test_the_gate_and_the_policy_judge_the_same_number():
    table = predictions(0.45, 1)
    metrics = Metrics.parse(as_metrics("loso5", score_partitions(table, PARAMS.evaluate)))
    minimum = {task: {"uar": 0.3, "ccc": 0.1} for task in TASKS}
    gate = {(one.task, one.score): one.low for one in check(metrics, "loso5", "mtl-att", minimum)}
    exact = {task: {score: gate[task, score] for score in ("uar", "ccc")} for task in TASKS}
    above = {task: {score: low + 1e-6 for score, low in lows.items()} for task, lows in exact.items()}
    for wanted, holds in ((exact, True), (above, False)):
        asked = PARAMS.promote.model_copy(update={"minimum": wanted})
        assert {one.holds for one in policy.minimum(subject(table), asked, PARAMS.evaluate)} == {holds}
        assert {one.reached for one in check(metrics, "loso5", "mtl-att", wanted)} == {holds}


def test_budgets():
    assert all(check.holds for check in policy.budgets(Cost(200.0, 2.0), PARAMS.promote))
    assert [check.holds for check in policy.budgets(Cost(200.1, 2.01), PARAMS.promote)] == [False, False]


def test_the_cost_of_a_real_version_is_measured(here, tmp_path):
    write_model(tmp_path / "model", "mtl-att", "session1", seed=0)
    client = mlflow_client.connect()
    run_id = client.create_run(mlflow_client.experiment_id(client)).info.run_id
    version = versions.register(client, run_id, "attune", {"session1": tmp_path / "model"}, {})
    found = cost.measure(version)
    weights = (tmp_path / "model/model.safetensors").stat().st_size
    assert weights < found.megabytes * 1e6 < weights + 3e6
    assert 0 < found.latency < 5
    client.set_model_version_tag("attune", version.version, COST, json.dumps(Cost(3.0, 0.25)._asdict()))
    assert cost.measure(client.get_model_version("attune", version.version)) == Cost(3.0, 0.25)
    for edited in ("", "[]", "null", '{"megabytes": "x", "latency": 1}', '{"megabytes": -1, "latency": 1}', "{}"):
        client.set_model_version_tag("attune", version.version, COST, edited)
        assert cost.recorded(client.get_model_version("attune", version.version)) is None


def invoke(*arguments):
    return CliRunner().invoke(app, [*arguments, "--params", PARAMS.model_dump_json(by_alias=True)])


def test_the_commands_tell_what_they_did(client, here):
    register(predictions(0.3, 1))
    register(predictions(0.1, 2))
    first = invoke("promote", "1")
    assert first.exit_code == 0, first.output
    assert "Promoted: version 1 of attune (it meets the policy)" in first.output
    assert invoke("promote").exit_code == 0
    assert json.loads((here / "reports/promotion.json").read_text())["champion"] == "1"
    back = invoke("rollback", "--reason", "too loud")
    assert "champion of attune is version 1 again" in back.output
    register(predictions(0.9, 3))
    refused = invoke("promote")
    assert refused.exit_code == 1
    assert "Refused" in refused.output
    assert json.loads((here / "reports/promotion.json").read_text())["outcome"] == "refused"
    told = invoke("history").output
    assert "now: version 1" in told
    assert "too loud" in told
    compared = invoke("compare", "1", "2")
    assert compared.exit_code == 0, compared.output
    table = pd.read_csv(here / "reports/compare/comparison.csv")
    assert len(table) == 9
    assert (here / "reports/compare/comparison.svg").exists()
    assert (here / "reports/compare/comparison.png").exists()


def test_force_wants_a_reason(client):
    assert "go together" in invoke("promote", "--force").output
    assert "go together" in invoke("promote", "--reason", "x").output
    assert invoke("promote", "--force", "--reason", " ").exit_code == 2


def test_a_comparison_leaves_what_else_is_in_its_folder(client, here):
    register(predictions(0.3))
    (here / "mine").mkdir()
    (here / "mine/notes.txt").write_text("a week of work")
    assert invoke("compare", "1", "1", "--out", "mine").exit_code == 0
    assert sorted(path.name for path in (here / "mine").iterdir()) == [
        "comparison.csv", "comparison.png", "comparison.svg", "notes.txt"
    ]  # fmt: skip


def test_nothing_is_promoted_if_the_verdict_cannot_be_written(client, here):
    register(predictions(0.3))
    (here / "full").write_text("not a folder")
    assert isinstance(invoke("promote", "--out", "full/verdict.json").exception, OSError)
    assert aliased(client) is None
    assert "none" in invoke("history").output
