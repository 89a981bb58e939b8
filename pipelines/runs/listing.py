"""Cancel and list runs on the server."""

from datetime import datetime
from typing import Any, NamedTuple

from kfp_server_api import ExperimentServiceApi, RunServiceApi

from attune.errors import AttuneError
from pipelines.runs import tasks
from pipelines.runs.watching import get
from pipelines.server.calls import Server, read
from pipelines.server.filters import named

PAGE = 100


class Run(NamedTuple):
    """A run, with the fields that users recognise it by."""

    id: str
    name: str
    state: str
    started: datetime | None


def cancel(server: Server, run_id: str) -> None:
    """Terminate a run.

    Raises:
        AttuneError: no such run, it has ended already, the server refused, or it does not answer.
    """
    run = get(server, run_id)
    if run.state in tasks.ENDED:
        raise AttuneError(f"run {run_id} has ended already: {tasks.state_of(run)}", where=server.page(run_id))
    read(server, f"cancelling {run_id}", RunServiceApi(server.client).run_service_terminate_run, run_id)


def listed(server: Server, limit: int, experiment: str | None = None) -> list[Run]:
    """Return the newest runs.

    Raises:
        AttuneError: no such experiment, the server refused, or it does not answer.
    """
    api, found, page = RunServiceApi(server.client), list[Run](), ""
    there: dict[str, Any] = {"experiment_id": _experiment(server, experiment)} if experiment else {}
    if server.namespace and not experiment:
        there["namespace"] = server.namespace
    while len(found) < limit:
        size = min(PAGE, limit - len(found))
        answer = read(
            server,
            "runs",
            api.run_service_list_runs,
            page_size=size,
            page_token=page,
            sort_by="created_at desc",
            **there,
        )
        found += [_run(one) for one in answer.runs or []]
        if not (page := answer.next_page_token or ""):
            break
    return found


def _experiment(server: Server, name: str) -> str:
    there = {"namespace": server.namespace} if server.namespace else {}
    ask = ExperimentServiceApi(server.client).experiment_service_list_experiments
    answer = read(server, f"experiment {name}", ask, filter=named(name), **there)
    for one in answer.experiments or []:
        return str(one.experiment_id)
    raise AttuneError(f"no experiment {name!r}", where=server.host, remedy="See the existing ones in the browser.")


def _run(run: Any) -> Run:
    return Run(run.run_id, run.display_name or "", tasks.state_of(run), run.created_at)
