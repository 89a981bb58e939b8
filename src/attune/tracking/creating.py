"""Create runs and logged models exactly once, although MLflow's client retries requests.

The client repeats a request that gets no answer, and a slow server may then have stored it twice. Everything created is
tagged with the id of its request; the caller replaces the tag once answered, and what keeps it belongs to nobody.
"""

import time
import uuid
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING

from attune.tags import REQUEST
from attune.tracking.faults import is_theirs

if TYPE_CHECKING:
    from mlflow import MlflowClient
    from mlflow.entities import LoggedModel, Run

_ANSWERED = "answered"
_LATE = 600.0  # seconds after which nobody waits for an answer anymore


def run(client: "MlflowClient", experiment: str, name: str, tags: Mapping[str, str]) -> str:
    """Create a run; return its id."""
    request = uuid.uuid4().hex
    try:
        made = client.create_run(experiment, run_name=name, tags={**tags, REQUEST: request})
    except Exception as error:
        if is_theirs(error):
            _leave_none_running(client, experiment, request)
        raise
    run_id = str(made.info.run_id)
    client.set_tag(run_id, REQUEST, _ANSWERED)
    for double in client.search_runs([experiment], f"tags.`{REQUEST}` = '{request}'"):
        remove(client, double)
    return run_id


def answered(found: "Sequence[Run]") -> "list[Run]":
    """Return the runs whose creation was answered; all of them if none was."""
    told = [run for run in found if not _is_unanswered(run)]
    return told or list(found)


def adopt(client: "MlflowClient", found: "Run") -> str:
    """Continue in a run, whoever created it; return its id."""
    run_id = str(found.info.run_id)
    if _is_unanswered(found):
        client.set_tag(run_id, REQUEST, _ANSWERED)
    return run_id


def sweep(client: "MlflowClient", experiment: str) -> None:
    """Remove runs that a server stored so late that nobody was waiting for the answer anymore."""
    before = int((time.time() - _LATE) * 1000)
    late = f"tags.`{REQUEST}` != '{_ANSWERED}' and attributes.start_time < {before}"
    for run in client.search_runs([experiment], late):
        remove(client, run)


def logged_model(client: "MlflowClient", run: "Run", name: str) -> "LoggedModel":
    """Create a logged model of a run, with the run's parameters, in the run's experiment."""
    from mlflow.tracking.context import registry as context

    request, experiment = uuid.uuid4().hex, run.info.experiment_id
    _forget_half_models(client, run)
    made = client.create_logged_model(
        experiment,
        name,
        run.info.run_id,
        tags={**context.resolve_tags(), REQUEST: request},
        params=run.data.params,
    )
    client.set_logged_model_tags(made.model_id, {REQUEST: _ANSWERED})
    for double in client.search_logged_models([experiment], f"tags.`{REQUEST}` = '{request}'"):
        with _whatever_comes_of_it():
            client.delete_logged_model(double.model_id)
    _link(client, run.info.run_id, made.model_id)
    return made


def _forget_half_models(client: "MlflowClient", run: "Run") -> None:
    """Delete what earlier attempts for this run left: failed models, or ones that nobody can still be writing."""
    late = (time.time() - _LATE) * 1000
    for model in client.search_logged_models([run.info.experiment_id], f"source_run_id = '{run.info.run_id}'"):
        if model.status == "FAILED" or (model.status == "PENDING" and model.creation_timestamp < late):
            with _whatever_comes_of_it():
                client.delete_logged_model(model.model_id)


def _link(client: "MlflowClient", run_id: str, model_id: str) -> None:
    """Record a logged model as an output of its run; MLflow raises if it is recorded already."""
    from mlflow.entities import LoggedModelOutput

    try:
        client.log_outputs(run_id, [LoggedModelOutput(model_id, step=0)])
    except Exception as error:
        outputs = client.get_run(run_id).outputs if is_theirs(error) else None
        if outputs is None or model_id not in [made.model_id for made in outputs.model_outputs]:
            raise


@contextmanager
def _whatever_comes_of_it() -> Iterator[None]:
    """Ignore MLflow's errors while tidying up, such as those of a request that is repeated."""
    try:
        yield
    except Exception as error:
        if not is_theirs(error):
            raise


def _is_unanswered(run: "Run") -> bool:
    return run.data.tags.get(REQUEST, _ANSWERED) != _ANSWERED


def remove(client: "MlflowClient", run: "Run") -> None:
    """Move a run to the trash, with a status other than running."""
    with _whatever_comes_of_it():
        client.set_terminated(run.info.run_id, "KILLED")
        client.delete_run(run.info.run_id)


def _leave_none_running(client: "MlflowClient", experiment: str, request: str) -> None:
    with _whatever_comes_of_it():
        for run in client.search_runs([experiment], f"tags.`{REQUEST}` = '{request}'"):
            client.set_terminated(run.info.run_id, "FAILED")
