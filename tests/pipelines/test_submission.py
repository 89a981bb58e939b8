"""Submission against a server that speaks the real API: what arrives, once, whatever the server does."""

import json

import pytest
from kubeflow_api import uploaded
from kubeflow_server import Fault, Kubeflow, serving

from attune.errors import AttuneError
from pipelines.server import submission
from pipelines.server.calls import Patience, make
from pipelines.server.connection import Wanted, connect

QUICK = Patience(attempts=4, pause=0.01, connect=2.0, read=0.5)
UPLOAD, CREATE_RUN = "POST /apis/v2beta1/pipelines/upload_version", "POST /apis/v2beta1/runs"


@pytest.fixture
def kubeflow():
    with serving(Kubeflow()) as server:
        yield server


def order(name="one", **more):
    return submission.Order(name=name, arguments={"train": {"epochs": 3}, "folds": ["session1"]}, **more)


def submit(kubeflow, package, ordered=None, environment=None, **wanted):
    server = connect(Wanted(host=kubeflow.address, **wanted), environment or {}, QUICK)
    return submission.start(server, submission.upload(server, package), ordered or order())


def test_a_pipeline_arrives_as_it_was_compiled_and_a_run_with_its_arguments(kubeflow, compiled):
    package = compiled["training"]
    run = submit(kubeflow, package, order(service_account="runner", pipeline_root="s3://bucket/root"))
    (pipeline,), (version,), (experiment,), (held,) = (
        *(kubeflow.pipelines, kubeflow.versions, kubeflow.experiments, kubeflow.runs),
    )
    assert (pipeline.display_name, version.display_name) == ("attune-training", package.version)
    assert experiment.display_name == "attune"
    assert run.run_id == held.run_id
    assert held.pipeline_version_reference.pipeline_version_id == version.pipeline_version_id
    assert held.runtime_config.parameters == {"train": {"epochs": 3}, "folds": ["session1"]}
    assert (held.runtime_config.pipeline_root, held.service_account) == ("s3://bucket/root", "runner")
    assert uploaded(kubeflow.packages[version.pipeline_version_id]) == package.text


def test_the_same_pipeline_is_uploaded_once_and_another_as_a_new_version(kubeflow, compiled):
    package = compiled["training"]
    changed = package._replace(text=package.text.replace("better", "worse").replace("attune-cpu@", "other-cpu@"))
    for name, which in (("one", package), ("two", package), ("three", changed)):
        submit(kubeflow, which, order(name))
    assert [version.display_name for version in kubeflow.versions] == [package.version, changed.version]
    assert len({version.pipeline_id for version in kubeflow.versions}) == 1
    assert [run.display_name for run in kubeflow.runs] == ["one", "two", "three"]
    assert len(kubeflow.experiments) == 1


def test_one_name_is_one_run(kubeflow, compiled):
    first, second = (submit(kubeflow, compiled["scoring"], order("same")) for _ in range(2))
    assert first.run_id == second.run_id
    assert len(kubeflow.runs) == 1


def test_fresh_names_differ(compiled):
    names = {submission.fresh_name(compiled["scoring"]) for _ in range(20)}
    assert len(names) == 20


@pytest.mark.parametrize("status", [500, 502, 503, 504, 429])
@pytest.mark.parametrize("what", [".* /apis/v2beta1/pipelines", UPLOAD, "POST .*/experiments", CREATE_RUN])
def test_a_server_that_fails_now_and_then_is_asked_again(kubeflow, compiled, what, status):
    kubeflow.faults = [Fault(what, times=2, status=status)]
    submit(kubeflow, compiled["scoring"])
    assert [len(kubeflow.pipelines), len(kubeflow.versions), len(kubeflow.experiments), len(kubeflow.runs)] == [1] * 4


@pytest.mark.parametrize("what", ["POST /apis/v2beta1/pipelines", UPLOAD, "POST .*/experiments", CREATE_RUN])
def test_what_was_made_without_an_answer_is_found_and_not_made_twice(kubeflow, compiled, what):
    kubeflow.faults = [Fault(what, mute=True)]
    submit(kubeflow, compiled["scoring"])
    assert [len(kubeflow.pipelines), len(kubeflow.versions), len(kubeflow.experiments), len(kubeflow.runs)] == [1] * 4
    assert kubeflow.count(what) == 1


def test_a_run_that_a_slow_server_makes_after_all_is_terminated_and_one_stays(kubeflow, compiled):
    kubeflow.faults = [Fault(CREATE_RUN, late=True)]
    run = submit(kubeflow, compiled["scoring"])
    assert len(kubeflow.runs) == 2
    assert {one.run_id for one in kubeflow.runs} - set(kubeflow.terminated) == {run.run_id}


def test_what_somebody_else_started_under_the_same_name_is_never_ended(kubeflow, compiled):
    submit(kubeflow, compiled["scoring"], order("same"))
    theirs = type(kubeflow.runs[0])(**{**kubeflow.runs[0].to_dict(), "run_id": "run-late"})
    theirs.created_at = kubeflow.runs[0].created_at.replace(year=2027)
    theirs.description = None
    kubeflow.runs.insert(0, theirs)
    assert submit(kubeflow, compiled["scoring"], order("same")).run_id == "run-0"
    assert kubeflow.terminated == []


def test_in_a_race_for_a_name_the_later_run_is_ended_by_whoever_made_it(kubeflow, compiled, monkeypatch):
    submit(kubeflow, compiled["scoring"], order("other"))
    theirs = type(kubeflow.runs[0])(**{**kubeflow.runs[0].to_dict(), "run_id": "theirs", "display_name": "same"})

    def race(*given, **more):
        ours = make(*given, **more)
        kubeflow.runs.append(theirs)
        return ours

    monkeypatch.setattr(submission, "make", race)
    assert submit(kubeflow, compiled["scoring"], order("same")).run_id == "theirs"
    assert kubeflow.terminated == ["run-1"]


@pytest.mark.parametrize("status", [500, 503])
def test_a_server_that_only_fails_is_given_up_after_the_tries_allowed(kubeflow, compiled, status):
    kubeflow.faults = [Fault(CREATE_RUN, times=99, status=status, body='{"message": "database is gone"}')]
    with pytest.raises(AttuneError, match=f"run one: failed \\({status} database is gone\\)") as caught:
        submit(kubeflow, compiled["scoring"])
    assert "try again later" in str(caught.value)
    assert kubeflow.count(CREATE_RUN) == QUICK.attempts
    assert kubeflow.runs == []


def test_a_server_that_answers_too_slowly_is_given_up_after_the_tries_allowed(kubeflow, compiled):
    kubeflow.faults = [Fault("GET .*/pipelines", times=99, delay=0.7)]
    with pytest.raises(AttuneError, match="did not answer"):
        submit(kubeflow, compiled["scoring"])
    assert kubeflow.count("GET .*/pipelines") == QUICK.attempts


def test_a_server_that_is_not_there_is_one_message(compiled):
    with serving(Kubeflow()) as gone:
        pass
    with pytest.raises(AttuneError, match="the server cannot be reached") as caught:
        submit(gone, compiled["scoring"])
    assert gone.address in str(caught.value)
    assert "--host" in str(caught.value)


def test_a_bad_request_is_not_repeated(kubeflow, compiled):
    kubeflow.faults = [Fault(CREATE_RUN, times=9, status=400, body='{"message": "unknown parameter"}')]
    with pytest.raises(AttuneError, match=r"400 unknown parameter"):
        submit(kubeflow, compiled["scoring"])
    assert kubeflow.count(CREATE_RUN) == 1


def test_an_expired_token_is_one_message_and_not_repeated(kubeflow, compiled, tmp_path):
    kubeflow.token = "the-new-one"
    (tmp_path / "token").write_text("the-old-one\n")
    with pytest.raises(AttuneError, match=r"refused \(401 token has expired\)") as caught:
        submit(kubeflow, compiled["scoring"], token_file=tmp_path / "token")
    assert "--token-file" in str(caught.value)
    assert "the-old-one" not in str(caught.value)
    assert len(kubeflow.requests) == 1


def test_a_token_renewed_in_its_file_is_used_at_once(kubeflow, compiled, tmp_path):
    kubeflow.token = "first"
    (tmp_path / "token").write_text("first")
    server = connect(Wanted(host=kubeflow.address, token_file=tmp_path / "token"), {}, QUICK)
    submission.upload(server, compiled["scoring"])
    kubeflow.token = "second"
    (tmp_path / "token").write_text("second")
    submission.upload(server, compiled["scoring"])


def test_a_login_page_is_told_from_an_answer(kubeflow, compiled):
    page = "<html>log in</html>"
    for status in (302, 200):
        kubeflow.faults = [Fault("GET .*", status=status, body=page, kind="text/html")]
        with pytest.raises(AttuneError, match=f"refused \\({status}") as caught:
            submit(kubeflow, compiled["scoring"])
        assert "cookie" in str(caught.value)


def test_a_namespace_one_may_not_use_is_one_message(kubeflow, compiled):
    kubeflow.namespaces = {"mine"}
    with pytest.raises(AttuneError, match=r"forbidden .*Namespace:yours") as caught:
        submit(kubeflow, compiled["scoring"], namespace="yours")
    assert "--namespace" in str(caught.value)
    submit(kubeflow, compiled["scoring"], namespace="mine")
    assert kubeflow.experiments[0].namespace == "mine"


def test_what_is_sent_is_json_that_says_what_was_meant(kubeflow, compiled):
    arguments = {"gate": {"arousal": {"uar": 0.334}}, "root": "", "folds": ["Ses01F"]}
    submit(kubeflow, compiled["training"], submission.Order("x", arguments))
    assert json.loads(json.dumps(kubeflow.runs[0].runtime_config.parameters)) == arguments
