import pytest
from kfp_server_api import V2beta1PeriodicSchedule, V2beta1Trigger
from kubeflow_server import Fault, Kubeflow, serving

from attune.errors import AttuneError
from pipelines.server import schedule
from pipelines.server.calls import Patience
from pipelines.server.connection import Wanted, connect
from pipelines.server.submission import Order, upload

MONDAYS = "0 0 3 * * 1"


@pytest.fixture
def kubeflow():
    with serving(Kubeflow()) as server:
        yield server


@pytest.fixture
def make(kubeflow, compiled):
    server = connect(Wanted(host=kubeflow.address), {}, Patience(attempts=3, pause=0.01, connect=2, read=2))

    def create(name, cron=MONDAYS):
        return schedule.create(server, upload(server, compiled["training"]), Order(name, {"folds": ["session1"]}), cron)

    create.server = server
    return create


def test_a_schedule_runs_one_version_with_its_arguments_never_twice_at_once(make, kubeflow):
    made = make("weekly")
    (held,) = kubeflow.recurring
    assert made == schedule.Schedule("recurring-0", "weekly", MONDAYS, True)
    assert held.pipeline_version_reference.pipeline_version_id == "version-0"
    assert held.runtime_config.parameters == {"folds": ["session1"]}
    assert (held.max_concurrency, held.no_catchup) == ("1", True)


def test_all_schedules_are_listed_over_pages(make):
    names = [f"schedule-{number}" for number in range(5)]
    for name in names:
        make(name)
    assert [one.name for one in schedule.listed(make.server)] == names


def test_a_schedule_is_paused_resumed_and_deleted_by_name_or_id(make):
    make("weekly")
    for which in ("weekly", "recurring-0"):
        schedule.pause(make.server, which)
        assert [one.enabled for one in schedule.listed(make.server)] == [False]
        schedule.resume(make.server, which)
        assert [one.enabled for one in schedule.listed(make.server)] == [True]
    schedule.delete(make.server, "weekly")
    assert schedule.listed(make.server) == []


def test_a_schedule_that_a_slow_server_deleted_without_an_answer_is_said_to_be_deleted(make, kubeflow):
    make("weekly")
    kubeflow.faults.append(Fault("DELETE .*", mute=True))
    assert schedule.delete(make.server, "weekly").name == "weekly"
    assert kubeflow.count("DELETE .*") == 2
    assert schedule.listed(make.server) == []
    make("monthly")
    kubeflow.faults.append(Fault("DELETE .*", status=403))
    with pytest.raises(AttuneError, match="forbidden"):
        schedule.delete(make.server, "monthly")


def test_a_schedule_of_somebody_else_says_when_it_runs(make, kubeflow):
    make("weekly")
    kubeflow.recurring[0].trigger = V2beta1Trigger(periodic_schedule=V2beta1PeriodicSchedule(interval_second="3600"))
    assert schedule.listed(make.server)[0].cron == "every 3600 s"


def test_one_name_is_one_schedule(make, kubeflow):
    make("weekly")
    with pytest.raises(AttuneError, match="a schedule weekly already exists"):
        make("weekly")
    kubeflow.faults = [Fault("POST .*/recurringruns", mute=True)]
    make("daily")
    assert [one.display_name for one in kubeflow.recurring] == ["weekly", "daily"]


def test_of_two_schedules_of_one_name_in_two_experiments_none_is_taken_for_the_other(make, kubeflow):
    make("weekly")
    make("other")
    kubeflow.recurring[1].experiment_id, kubeflow.recurring[1].display_name = "another", "weekly"
    with pytest.raises(AttuneError, match="2 schedules are called 'weekly'") as told:
        schedule.delete(make.server, "weekly")
    assert "recurring-0, recurring-1" in str(told.value)
    schedule.delete(make.server, "recurring-1")
    assert [one.id for one in schedule.listed(make.server)] == ["recurring-0"]


def test_an_unknown_schedule_is_one_message_that_names_those_there_are(make):
    make("weekly")
    with pytest.raises(AttuneError, match="no schedule 'daily'") as caught:
        schedule.pause(make.server, "daily")
    assert "weekly" in str(caught.value)


def test_a_cron_of_five_fields_is_refused_before_anything_is_sent(make, kubeflow):
    with pytest.raises(AttuneError, match="has 5 fields, Kubeflow's cron takes 6"):
        make("weekly", "0 3 * * 1")
    assert kubeflow.recurring == []
