"""Following a run to its end."""

import pytest
from followed import running
from kubeflow_server import Fault
from workflows import Workflow, everything

from attune.cli.pipelines.run_table import Changes
from attune.errors import AttuneError
from pipelines.runs import watching


@pytest.fixture
def followed(compiled, tmp_path):
    with running(compiled["scoring"], tmp_path) as (held, server, run):
        yield held, server, run


def follow(followed, tell=lambda look: None, **options):
    return watching.wait(*followed[1:], tell, every=0.01, **options)


def test_every_change_is_one_line_and_plumbing_none(followed, capsys):
    stages = [{"corpus": "running"}, {"corpus": "done"}, everything("done") | {"train 1": "cached"}]
    held = followed[0]

    def state_of(look):
        held.tasks = Workflow(stages[min(look, 2)]).details
        return ["PENDING", "RUNNING", "SUCCEEDED"][min(look, 2)]

    held.state_of = state_of
    assert follow(followed, Changes()).state == "SUCCEEDED"
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "corpus: running"
    assert "corpus: done in 0 s" in lines
    assert "train mtl-att session2: cached" in lines
    assert lines[-1] == "run: succeeded"
    assert len(lines) == len(set(lines)) == 1 + 10 + 8 + 2
    assert not [line for line in lines if "driver" in line or "None" in line or "iteration" in line]


def test_waiting_survives_a_server_that_hiccups(followed):
    followed[0].faults = [Fault("GET .*/runs/run-0", times=2, status=503)]
    assert follow(followed).state == "SUCCEEDED"


def test_a_token_that_expires_while_waiting_is_one_message(followed):
    held = followed[0]
    held.state_of = lambda look: "RUNNING"
    held.faults = [Fault("GET .*/runs/run-0", times=2, delay=0.01), Fault("GET .*/runs/run-0", times=9, status=401)]
    with pytest.raises(AttuneError, match="refused") as caught:
        follow(followed)
    assert "--token-file" in caught.value.remedy
    assert "may well continue; look again with: attune pipeline status run-0" in caught.value.remedy


def test_a_server_that_goes_away_while_waiting_is_one_message_in_plain_words(followed):
    held = followed[0]
    held.faults = [Fault("GET .*/runs/run-0", delay=0.01), Fault("GET .*/runs/run-0", times=9, mute=True)]
    with pytest.raises(AttuneError, match=r"the server did not answer [(]Remote end closed connection") as caught:
        follow(followed)
    assert "attune pipeline status run-0" in caught.value.remedy


def test_a_run_that_is_deleted_while_waiting_is_said_to_be(followed):
    held = followed[0]

    def state_of(look):
        held.runs.clear()
        return "RUNNING"

    held.state_of = state_of
    with pytest.raises(AttuneError, match="run run-0 is no longer there: somebody deleted it"):
        follow(followed)


def test_waiting_is_bounded_where_it_is_told_to_be(followed):
    followed[0].state_of = lambda look: "RUNNING"
    with pytest.raises(AttuneError, match="still running after 0 s") as caught:
        follow(followed, at_most=0.05)
    assert "attune pipeline status run-0" in str(caught.value)


def test_a_run_that_is_not_there_is_one_message(followed):
    with pytest.raises(AttuneError, match=r"run run-9: not found \(Run run-9 not found\)"):
        watching.get(followed[1], "run-9")
