"""The log behind the alias: what counts, what is void, and what happens when somebody meddles with it."""

import itertools
import json

import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st
from promotion_samples import register

from attune.cli import app
from attune.errors import AttuneError
from attune.promotion import champion, history
from attune.promotion.history import Entry
from attune.tracking import client as mlflow_client

pytestmark = pytest.mark.slow


def entry(number, after, action="promote", version=None):
    return Entry(action, version or str(number), after, "ada", "good", number=number, milliseconds=1)


def numbers(entries):
    return [one.number for one in entries]


def test_an_entry_counts_if_it_follows_the_last_that_counted():
    log = [entry(1, 0), entry(2, 1), entry(3, 1), entry(4, 2), entry(5, 3 - 1), entry(6, 4)]
    assert numbers(history.effective(log)) == [1, 2, 4, 6]


@given(st.lists(st.integers(0, 5), max_size=30))
def test_whatever_people_saw_the_history_is_one_line(ages):
    """People act on the state of some appends ago; each state may be acted on once."""
    log: list[Entry] = []
    for number, age in enumerate(ages, start=1):
        seen = history.effective(log[: max(0, len(log) - age)])
        log.append(entry(number, history.last_number(seen)))
    counted = history.effective(log)
    assert all(later.after == earlier.number for earlier, later in itertools.pairwise(counted))
    assert len({one.after for one in counted}) == len(counted)
    assert not log or counted


def test_a_verdict_on_an_entry_never_changes():
    log = [entry(1, 0), entry(2, 1), entry(3, 1), entry(4, 2)]
    for length in range(len(log)):
        before, after = history.effective(log[:length]), history.effective(log)
        assert numbers(after)[: len(before)] == numbers(before)


def test_an_entry_that_others_follow_counts_even_where_it_is_gone_or_says_something_else():
    log = [entry(1, 0), entry(2, 1), entry(4, 2)]
    assert [(one.number, one.action) for one in history.effective([log[0], log[2]])] == [
        (1, "promote"), (2, "lost"), (4, "promote")
    ]  # fmt: skip
    edited = log[1]._replace(after=0)
    assert numbers(history.effective([log[0], edited, log[2]])) == [1, 2, 4]


def test_rolling_back_steps_over_as_many_as_the_rollback_says():
    log = [entry(1, 0), entry(2, 1), entry(3, 2), entry(4, 3, "rollback", "1")]
    assert numbers(history.champions(log)) == [1]


def test_rolling_back_twice_goes_back_two():
    log = [entry(1, 0), entry(2, 1), entry(3, 2)]
    assert numbers(history.champions(log)) == [1, 2, 3]
    log += [entry(4, 3, "rollback", "2"), entry(5, 4, "rollback", "1")]
    assert numbers(history.champions(log)) == [1]


@pytest.fixture
def client(here):
    for _ in range(3):
        register(None)
    return mlflow_client.connect()


def promote(client, version, after=None):
    last = history.last_number(history.read(client, "attune")) if after is None else after
    return history.append(client, "attune", Entry("promote", version, last, "ada", f"because of {version}"))


def alias(client):
    return champion.aliased(client, "attune")


def test_entries_come_back_as_they_were_written(client):
    written = promote(client, "2")
    [read] = history.read(client, "attune")
    assert read == written
    assert read[:5] == ("promote", "2", 0, "ada", "because of 2")
    assert read.number == 1
    assert read.milliseconds > 1.6e12
    assert not read.forced


def test_of_two_who_saw_the_same_state_one_is_told_to_look_again(client):
    assert promote(client, "1", after=0)
    assert promote(client, "2", after=0) is None
    assert [one.version for one in history.read(client, "attune")] == ["1"]


def test_an_answer_that_was_lost_is_not_written_twice(client, monkeypatch):
    from mlflow.exceptions import MlflowException

    create = client.create_model_version
    lost = iter([True])

    def losing(*arguments, **keywords):
        version = create(*arguments, **keywords)
        if next(lost, False):
            raise MlflowException("(sqlite3.OperationalError) database is locked")
        return version

    monkeypatch.setattr(client, "create_model_version", losing)
    assert promote(client, "1")
    assert len(client.search_model_versions("name='attune.history'")) == 1


def test_a_request_that_was_sent_twice_counts_once_and_is_reported_as_done(client, monkeypatch):
    """As HTTP clients do by themselves where a busy server is slow to answer: both tries are stored."""
    create = client.create_model_version

    def twice(*arguments, **keywords):
        create(*arguments, **keywords)
        return create(*arguments, **keywords)

    monkeypatch.setattr(client, "create_model_version", twice)
    written = promote(client, "2")
    assert written.number == 1
    assert history.read(client, "attune") == [written]
    assert promote(client, "3").version == "3"
    assert champion.rollback(client, "attune", "slow").version == "2"


def test_where_the_server_falls_silent_at_the_entry_the_message_says_what_is_known(client, monkeypatch):
    from mlflow.exceptions import MlflowException

    def silent(*_, **__):
        raise MlflowException("API request failed with timeout exception: Read timed out.")

    monkeypatch.setattr(client, "create_model_version", silent)
    with pytest.raises(AttuneError, match="Nothing is known to have changed: `attune history` says who is champion"):
        promote(client, "1")


def test_the_alias_follows_the_history_even_if_somebody_moved_it(client):
    promote(client, "2")
    assert champion.settle(client, "attune") is True
    assert champion.settle(client, "attune") is False
    assert alias(client) == "2"
    client.set_registered_model_alias("attune", "champion", "1")
    assert champion.settle(client, "attune") is True
    assert alias(client) == "2"


def test_what_is_listed_as_champion_is_whom_the_history_names(client):
    promote(client, "2")
    client.set_registered_model_alias("attune", "champion", "1")
    assert champion.told(client, "attune", {"champion": "1", "mine": "3"}) == {"champion": "2", "mine": "3"}
    rows = json.loads(CliRunner().invoke(app, ["versions", "--json"]).output)
    assert {row["version"]: row["aliases"] for row in rows if row["aliases"]} == {
        "attune/2": ["champion"], "attune/3": ["candidate"]
    }  # fmt: skip
    client.delete_model_version("attune", "2")
    assert champion.told(client, "attune", {"champion": "1"}) == {}


def test_without_a_history_an_alias_set_by_hand_is_the_champion_and_is_left_alone(client):
    client.set_registered_model_alias("attune", "champion", "3")
    assert champion.settle(client, "attune") is False
    assert alias(client) == "3"
    assert champion.reigning(client, "attune", []) == "3"


def test_rollback_returns_to_the_one_before(client):
    promote(client, "1")
    promote(client, "2")
    entry = champion.rollback(client, "attune", "too slow")
    assert (entry.action, entry.version, entry.reason) == ("rollback", "1", "too slow")
    assert alias(client) == "1"
    with pytest.raises(AttuneError, match="no previous champion"):
        champion.rollback(client, "attune", "again")
    assert alias(client) == "1"


def test_of_a_renamed_model_the_history_continues_once_it_is_renamed_too(client):
    promote(client, "1")
    promote(client, "2")
    champion.settle(client, "attune")
    client.rename_registered_model("attune", "emo")
    assert history.read(client, "emo") == []
    assert str(champion.find(client, "emo").version) == "2", "by the alias, which moved along"
    client.rename_registered_model("attune.history", "emo.history")
    assert champion.rollback(client, "emo", "too loud").version == "1"
    assert champion.aliased(client, "emo") == "1"


def test_a_rollback_that_comes_too_late_changes_nothing(client, monkeypatch):
    promote(client, "1")
    promote(client, "2")
    append = history.append

    def overtaken(client, name, entry):
        append(client, name, Entry("promote", "3", entry.after, "bob", "better"))
        return append(client, name, entry)

    monkeypatch.setattr(history, "append", overtaken)
    with pytest.raises(AttuneError, match="bob changed the champion of attune at the same moment: it is version 3"):
        champion.rollback(client, "attune", "bad")
    assert [one.version for one in history.read(client, "attune")] == ["1", "2", "3"]


def delete(client, version):
    client.delete_model_version("attune", version)


def test_a_champion_that_was_deleted_is_named_and_nobody_takes_its_place(client):
    promote(client, "1")
    promote(client, "2")
    champion.settle(client, "attune")
    delete(client, "2")
    for which in (None, "champion", "models:/attune@champion"):
        with pytest.raises(AttuneError, match="the champion, version 2, is gone"):
            champion.find(client, which)
    assert champion.find(client, "candidate").version == champion.find(client, "3").version


def test_another_model_under_the_number_of_the_champion_is_not_the_champion(client):
    promote(client, "1")
    champion.settle(client, "attune")
    client.delete_registered_model("attune")
    assert register(None) == "1"
    with pytest.raises(AttuneError, match="version 1 is another model than the champion"):
        champion.find(client)
    champion.settle(client, "attune")
    assert alias(client) is None
    assert champion.reigning(client, "attune", history.read(client, "attune")) is None
    assert "now: version 1, which is gone" in CliRunner().invoke(app, ["history", "--params", "{}"]).output
    promote(client, "1")
    assert champion.find(client).version == champion.find(client, "1").version
    with pytest.raises(AttuneError, match="no previous champion"):
        champion.rollback(client, "attune", "to what was deleted")


def test_an_entry_that_was_edited_to_name_another_version_does_not_make_it_champion(client):
    promote(client, "2")
    client.set_model_version_tag("attune.history", "1", "attune.history.version", "3")
    with pytest.raises(AttuneError, match="version 3 is another model than the champion"):
        champion.find(client)


def test_an_alias_moved_by_hand_does_not_decide_who_is_champion(client):
    promote(client, "1")
    client.set_registered_model_alias("attune", "champion", "2")
    assert champion.find(client).version == champion.find(client, "1").version
    delete(client, "1")
    with pytest.raises(AttuneError, match="version 1, is gone"):
        champion.find(client)
    champion.settle(client, "attune")
    assert alias(client) is None


def test_without_a_history_the_alias_and_else_the_candidate_is_found(client):
    assert champion.find(client).version == champion.find(client, "3").version
    client.set_registered_model_alias("attune", "champion", "2")
    assert champion.find(client).version == champion.find(client, "2").version


def test_history_and_rollback_step_over_what_is_gone(client, here):
    for version in "123":
        promote(client, version)
    champion.settle(client, "attune")
    delete(client, "3")
    delete(client, "2")
    told = CliRunner().invoke(app, ["history", "--params", "{}"], env={"COLUMNS": "200"})
    assert told.exit_code == 0, told.output
    assert "now: version 3, which is gone" in told.output
    done = CliRunner().invoke(app, ["rollback", "--params", "{}"])
    assert done.exit_code == 0, done.output
    assert alias(client) == "1"
    assert champion.find(client).version == champion.find(client, "1").version
    with pytest.raises(AttuneError, match="no previous champion to return to\n"):
        champion.rollback(client, "attune", "again")


def test_where_every_earlier_champion_is_gone_rollback_names_them(client):
    promote(client, "1")
    promote(client, "2")
    delete(client, "1")
    with pytest.raises(AttuneError, match=r"no previous champion to return to \(gone from MLflow: 1\)"):
        champion.rollback(client, "attune", "bad")


@pytest.mark.parametrize(
    ("tag", "value"),
    [("action", "crown"), ("version", "two"), ("after", "-1"), ("after", "9"), ("after", "x"), ("by", None)],
)
def test_an_entry_whose_tags_were_edited_stops_nobody(client, tag, value):
    for version in "123":
        promote(client, version)
    name = f"attune.history.{tag}"
    if value is None:
        client.delete_model_version_tag("attune.history", "2", name)
    else:
        client.set_model_version_tag("attune.history", "2", name, value)
    assert numbers(history.read(client, "attune")) == [1, 2, 3]
    assert champion.find(client).version == champion.find(client, "3").version
    assert champion.rollback(client, "attune", "slow").version == "1"


def test_where_the_last_entry_was_edited_nobody_is_champion_until_somebody_says_so(client):
    promote(client, "1")
    promote(client, "2")
    client.set_model_version_tag("attune.history", "2", "attune.history.version", "?")
    with pytest.raises(AttuneError, match="entry 2 of the history was deleted, or its tags were changed"):
        champion.find(client)
    assert CliRunner().invoke(app, ["history", "--params", "{}"]).exit_code == 0
    promote(client, "3")
    assert champion.find(client).version == champion.find(client, "3").version


def test_a_deleted_entry_stops_nobody(client):
    for version in "123":
        promote(client, version)
    client.delete_model_version("attune.history", "2")
    assert [one.action for one in history.read(client, "attune")] == ["promote", "lost", "promote"]
    assert champion.rollback(client, "attune", "slow").version == "1"
