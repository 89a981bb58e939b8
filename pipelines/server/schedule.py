"""Create, list, pause, resume and delete recurring runs."""

from typing import Any, NamedTuple

from kfp_server_api import (
    RecurringRunMode,
    RecurringRunServiceApi,
    V2beta1CronSchedule,
    V2beta1PipelineVersionReference,
    V2beta1RecurringRun,
    V2beta1RuntimeConfig,
    V2beta1Trigger,
)

from attune.errors import AttuneError
from pipelines.server.calls import Server, make, read
from pipelines.server.cron import check
from pipelines.server.filters import named
from pipelines.server.submission import Order, experiment


class Schedule(NamedTuple):
    """A recurring run, with the fields that users need."""

    id: str
    name: str
    cron: str
    """Or its period in seconds, if it was not created by attune."""
    enabled: bool


def create(server: Server, version: V2beta1PipelineVersionReference, order: Order, cron: str) -> Schedule:
    """Schedule an order to run repeatedly, never two at a time, and without catching up on missed runs.

    Args:
        order: its name is the schedule's, which must be unique.
        cron: six fields, seconds first, such as `0 0 3 * * 1` for Mondays at three.

    Raises:
        AttuneError: not a cron that Kubeflow accepts, the name is taken, the server refused, or it does not answer.
    """
    check(cron)
    experiment_id = experiment(server, order.experiment).experiment_id
    api, what = RecurringRunServiceApi(server.client), f"schedule {order.name}"

    def find() -> Any:
        listed = read(
            server,
            what,
            api.recurring_run_service_list_recurring_runs,
            experiment_id=experiment_id,
            filter=named(order.name),
        )
        return next(iter(listed.recurring_runs or []), None)

    new = V2beta1RecurringRun(
        experiment_id=experiment_id,
        display_name=order.name,
        pipeline_version_reference=version,
        runtime_config=V2beta1RuntimeConfig(parameters=order.arguments, pipeline_root=order.pipeline_root),
        service_account=order.service_account,
        trigger=V2beta1Trigger(cron_schedule=V2beta1CronSchedule(cron=cron)),
        mode=RecurringRunMode.ENABLE,
        max_concurrency="1",
        no_catchup=True,
    )
    if find():
        raise AttuneError(
            f"a schedule {order.name} already exists",
            where=server.host,
            remedy=f"Choose another --name, or delete it first: attune pipeline schedule delete {order.name}",
        )
    return _schedule(make(server, what, find, api.recurring_run_service_create_recurring_run, new))


def listed(server: Server) -> list[Schedule]:
    """Return all schedules of the namespace.

    Raises:
        AttuneError: the server refused, or does not answer.
    """
    api, found, page = RecurringRunServiceApi(server.client), [], ""
    there = {"namespace": server.namespace} if server.namespace else {}
    while True:
        answer = read(
            server,
            "schedules",
            api.recurring_run_service_list_recurring_runs,
            page_size=100,
            page_token=page,
            **there,
        )
        found += [_schedule(one) for one in answer.recurring_runs or []]
        if not (page := answer.next_page_token or ""):
            return found


def pause(server: Server, which: str) -> Schedule:
    """Start no more runs until the schedule is resumed."""
    return _apply(server, _find(server, which), "recurring_run_service_disable_recurring_run")


def resume(server: Server, which: str) -> Schedule:
    """Start runs again."""
    return _apply(server, _find(server, which), "recurring_run_service_enable_recurring_run")


def delete(server: Server, which: str) -> Schedule:
    """Delete the schedule; its past runs stay."""
    chosen = _find(server, which)
    try:
        return _apply(server, chosen, "recurring_run_service_delete_recurring_run")
    except AttuneError:
        if chosen.id in [one.id for one in listed(server)]:
            raise
    return chosen  # a slow server deleted it, and did not find it when it was asked again


def _apply(server: Server, chosen: Schedule, method: str) -> Schedule:
    read(server, f"schedule {chosen.name}", getattr(RecurringRunServiceApi(server.client), method), chosen.id)
    return chosen


def _find(server: Server, which: str) -> Schedule:
    schedules = listed(server)
    found = [schedule for schedule in schedules if which in (schedule.id, schedule.name)]
    if len(found) == 1:
        return found[0]
    if found:
        ids = ", ".join(schedule.id for schedule in found)
        raise AttuneError(
            f"{len(found)} schedules are called {which!r}", where=server.host, remedy=f"Name one by its id: {ids}."
        )
    names = ", ".join(schedule.name for schedule in schedules) or "there are none"
    raise AttuneError(f"no schedule {which!r}", where=server.host, remedy=f"Schedules: {names}.")


def _schedule(run: Any) -> Schedule:
    return Schedule(
        run.recurring_run_id, run.display_name, _when(run.trigger), run.status != "DISABLED" and run.mode != "DISABLE"
    )


def _when(trigger: Any) -> str:
    if trigger and trigger.cron_schedule:
        return str(trigger.cron_schedule.cron)
    return f"every {trigger.periodic_schedule.interval_second} s" if trigger and trigger.periodic_schedule else "never"
