"""Kubeflow Pipelines' API as its server of 2.17 answers: which fields, and which words where it refuses."""

import base64
import email.parser
import json
import re
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

import kfp_server_api as kfp
import yaml

START = datetime(2026, 11, 1, tzinfo=UTC)
NEVER = datetime(1970, 1, 1, tzinfo=UTC)
API = kfp.ApiClient()
CODES = {400: 3, 401: 16, 403: 7, 404: 5, 409: 6, 500: 13}


class RefusedError(Exception):
    """What the server does not do. `cause` is its innermost message."""

    def __init__(self, status, message, cause=None, plain=False):
        super().__init__(message)
        self.status, self.cause, self.plain = status, cause, plain


def error(code, message, cause=None):
    """The body of a refusal."""
    details = {"@type": "type.googleapis.com/google.rpc.Status", "code": code, "message": cause or message}
    return {"code": code, "message": f"Failed to do it: {message}", "details": [details]}


def answer(held, request, query, body):
    """Status, body and content type."""
    for pattern, method in ROUTES:
        if match := re.fullmatch(pattern, request):
            try:
                return 200, json.dumps(serialized(method(held, query, body, *match.groups()))), "application/json"
            except RefusedError as refusal:
                return refusal.status, json.dumps(_refusal(refusal)), "application/json"
    for pattern, method in LOGS:
        if match := re.fullmatch(pattern, request):
            return method(held, match[1])
    return 404, json.dumps({"code": 5, "message": "Not Found"}), "application/json"


def _refusal(refusal):
    if refusal.plain:
        return {"error_message": str(refusal), "error_details": str(refusal)}
    if refusal.cause == "":
        return {"code": CODES[refusal.status], "message": str(refusal)}
    return error(CODES[refusal.status], str(refusal), refusal.cause)


def serialized(model):
    return API.sanitize_for_serialization(model)


def parsed(body, kind):
    """A request's body; a field that its proto does not have is refused, as by the real server."""
    given = json.loads(body)
    known = set(getattr(kfp, kind).attribute_map.values())
    for name in given:
        if name not in known:
            raise RefusedError(400, f'proto: (line 1:2): unknown field "{name}"', cause="")
    return API.deserialize(SimpleNamespace(data=body.decode()), kind)


def _now(held):
    return START + timedelta(seconds=len(held.requests))


def _page(items, query, key):
    """One page of a list: an empty one is an empty object."""
    if "filter" in query:
        (predicate,) = json.loads(query["filter"])["predicates"]
        assert (predicate["operation"], predicate["key"]) == ("EQUALS", "display_name")
        items = [item for item in items if item.display_name == predicate["stringValue"]]
    if query.get("sort_by") == "created_at desc":
        items = sorted(items, key=lambda item: item.created_at, reverse=True)
    start, size = int(query.get("page_token") or 0), int(query.get("page_size") or 20)
    more = {"next_page_token": str(start + size)} if len(items) > start + size else {}
    return {key: items[start : start + size], "total_size": len(items), **more} if items else {}


def _check_namespace(held, namespace):
    if held.namespaces is None:
        return
    if not namespace:
        raise RefusedError(400, "a recurring run cannot have an empty namespace in multi-user mode")
    if namespace not in held.namespaces:
        raise RefusedError(403, f"User 'me' is not authorized with reason: (request: Namespace:{namespace})")


def _check_place(held, query):
    """Of what is listed: an experiment's namespace is that of the experiment, whatever else is asked for."""
    place = {one.experiment_id: one.namespace for one in held.experiments}
    chosen = query.get("experiment_id")
    if not chosen or chosen in place:
        _check_namespace(held, place[chosen] if chosen else query.get("namespace"))


def _list_pipelines(held, query, _):
    _check_namespace(held, query.get("namespace"))
    return _page(held.pipelines, query, "pipelines")


def _create_pipeline(held, _, body):
    new = parsed(body, "V2beta1Pipeline")
    if any(pipeline.display_name == new.display_name for pipeline in held.pipelines):
        raise RefusedError(409, "already exists")
    new.pipeline_id, new.created_at = f"pipeline-{len(held.pipelines)}", _now(held)
    held.pipelines.append(new)
    return new


def _list_versions(held, query, _, pipeline_id):
    return _page([one for one in held.versions if one.pipeline_id == pipeline_id], query, "pipeline_versions")


def _upload(held, _, __):
    raise RefusedError(409, "Failed to create a pipeline and a pipeline version", plain=True)


def _upload_version(held, query, body):
    text = uploaded(body.decode())
    if any((one.pipeline_id, one.display_name) == (query["pipelineid"], query["name"]) for one in held.versions):
        raise RefusedError(409, "Failed to create a pipeline version", plain=True)
    spec = _documents(text)
    if spec is None:
        raise RefusedError(400, "unknown template format", plain=True)
    if "root" not in spec[0]:
        raise RefusedError(500, "Failed to create a pipeline version", plain=True)
    new = kfp.V2beta1PipelineVersion(
        pipeline_id=query["pipelineid"],
        display_name=query["name"],
        name=query["name"],
        pipeline_version_id=f"version-{len(held.versions)}",
        created_at=_now(held),
        pipeline_spec={"pipeline_spec": spec[0], "platform_spec": spec[1] if len(spec) > 1 else {}},
    )
    held.versions.append(new)
    held.packages[new.pipeline_version_id] = body.decode()
    return new


def uploaded(body):
    """The file in a multipart request."""
    boundary = body.split("\r\n", 1)[0].removeprefix("--")
    message = email.parser.Parser().parsestr(f"Content-Type: multipart/form-data; boundary={boundary}\r\n\r\n{body}")
    (part,) = message.get_payload()
    return part.get_payload().replace("\r\n", "\n").rstrip("\n") + "\n"


def _documents(text):
    try:
        documents = list(yaml.load_all(text, Loader=yaml.CSafeLoader))
    except yaml.YAMLError:
        return None
    return documents if documents and isinstance(documents[0], dict) and "pipelineInfo" in documents[0] else None


def _list_experiments(held, query, _):
    _check_namespace(held, query.get("namespace"))
    return _page(held.experiments, query, "experiments")


def _create_experiment(held, _, body):
    new = parsed(body, "V2beta1Experiment")
    _check_namespace(held, new.namespace)
    new.experiment_id, new.created_at = f"experiment-{len(held.experiments)}", _now(held)
    new.storage_state = "AVAILABLE"
    held.experiments.append(new)
    return new


def _list_runs(held, query, _):
    _check_place(held, query)
    chosen = query.get("experiment_id")
    return _page([run for run in held.runs if chosen in (None, run.experiment_id)], query, "runs")


def _create_run(held, _, body):
    new = parsed(body, "V2beta1Run")
    version = new.pipeline_version_reference.pipeline_version_id
    if version not in {one.pipeline_version_id for one in held.versions}:
        raise RefusedError(
            500, f"Failed to create a new run: PipelineVersion {version} not found", "Internal Server Error"
        )
    for name in held.refused:
        if f"{name}:" in held.packages.get(version, ""):
            raise RefusedError(500, _unknown(name))
    new.run_id = f"run-{len(held.runs)}"
    new.created_at = new.scheduled_at = _now(held)
    new.finished_at, new.storage_state, new.state = NEVER, "AVAILABLE", "PENDING"
    new.state_history = [kfp.V2beta1RuntimeStatus(state="PENDING", update_time=new.created_at)]
    held.runs.append(new)
    return new


def _unknown(name):
    return (
        'Internal error: compiling DAG "comp-for-loop-2": compiling task "predict": error creating executor for '
        f'"predict": failed to unmarshal kubernetes config: proto: (line 1:67): unknown field "{name}"\n'
        "Failed to compile job\nFailed to generate the ExecutionSpec\nFailed to create a new run"
    )


def _get_run(held, _, __, run_id):
    run = _run(held, run_id)
    if run.run_details:  # one that was recorded
        return run
    look = held.looks[run_id] = held.looks.get(run_id, -1) + 1
    now = {**serialized(run), "state": held.state_of(look)}
    if held.tasks:
        now["run_details"] = {"task_details": held.tasks}
    now["state_history"] = [
        {"update_time": "2026-11-01T00:00:00Z", "state": one} for one in [*held.history, now["state"]]
    ]
    return now


def _run(held, run_id):
    for run in held.runs:
        if run.run_id == run_id:
            return run
    raise RefusedError(404, f"Run {run_id} not found")


def _terminate_run(held, _, __, run_id):
    run = _run(held, run_id)
    if run.state in ("SUCCEEDED", "FAILED"):
        raise RefusedError(400, f"Failed to terminate a run {run_id}. Row not found")
    held.terminated.append(run_id)
    return {}


def _list_recurring(held, query, _):
    _check_place(held, query)
    shown = {**query, "page_size": "2"} if len(held.recurring) > 2 else query
    return _page(held.recurring, shown, "recurringRuns")


def _create_recurring(held, _, body):
    new = parsed(body, "V2beta1RecurringRun")
    new.recurring_run_id, new.namespace = f"recurring-{len(held.recurring)}", "kubeflow"
    new.created_at = new.updated_at = _now(held)
    new.status = "ENABLED" if new.mode == "ENABLE" else "DISABLED"
    held.recurring.append(new)
    return new


def _recurring(held, which):
    for one in held.recurring:
        if one.recurring_run_id == which:
            return one
    raise RefusedError(404, f"recurring run {which} not found")


def _disable(held, _, __, which):
    one = _recurring(held, which)
    one.status, one.mode = "DISABLED", "DISABLE"
    return {}


def _enable(held, _, __, which):
    one = _recurring(held, which)
    one.status, one.mode = "ENABLED", "ENABLE"
    return {}


def _delete(held, _, __, which):
    held.recurring.remove(_recurring(held, which))
    return {}


def _health(held, _, __):
    several = held.namespaces is not None
    return {"commit_sha": "unknown", "tag_name": "unknown", "multi_user": several, "pipeline_store": "database"}


def _live_log(held, node):
    if node in held.logs:
        return 200, held.logs[node], "text/plain; charset=utf-8"
    said = f"BadRequestError: Failed to read logs: /artifacts/{node}/main.log: The specified key does not exist."
    return 200, json.dumps({"error_message": said, "error_details": said}), "text/plain; charset=utf-8"


def _archived_log(held, node):
    if node in held.archived:
        data = base64.b64encode(held.archived[node].encode()).decode()
        return 200, json.dumps({"data": data}), "application/json"
    said = "artifact not found: <nil>"
    return 404, json.dumps({"error_message": said, "error_details": said}), "text/plain; charset=utf-8"


ROOT = "/apis/v2beta1"
ROUTES = [
    (f"GET {ROOT}/healthz", _health),
    (f"GET {ROOT}/pipelines", _list_pipelines),
    (f"POST {ROOT}/pipelines", _create_pipeline),
    (f"POST {ROOT}/pipelines/upload", _upload),
    (f"POST {ROOT}/pipelines/upload_version", _upload_version),
    (f"GET {ROOT}/pipelines/([^/]+)/versions", _list_versions),
    (f"GET {ROOT}/experiments", _list_experiments),
    (f"POST {ROOT}/experiments", _create_experiment),
    (f"GET {ROOT}/runs", _list_runs),
    (f"POST {ROOT}/runs", _create_run),
    (f"GET {ROOT}/runs/([^/:]+)", _get_run),
    (f"POST {ROOT}/runs/([^/]+):terminate", _terminate_run),
    (f"GET {ROOT}/recurringruns", _list_recurring),
    (f"POST {ROOT}/recurringruns", _create_recurring),
    (f"POST {ROOT}/recurringruns/([^/]+):disable", _disable),
    (f"POST {ROOT}/recurringruns/([^/]+):enable", _enable),
    (f"DELETE {ROOT}/recurringruns/([^/]+)", _delete),
]
LOGS = [
    (r"GET /apis/v1alpha1/runs/[^/]+/nodes/([^/]+)/log", _live_log),
    (r"GET /apis/v2beta1/runs/[^/]+/nodes/([^/]+)/artifacts/main-logs:read", _archived_log),
]
