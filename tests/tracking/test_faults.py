"""MLflow's faults told apart: each is recognised by what is really said of it, and is in the docs."""

import json
import re
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from background_server import in_background
from botocore.exceptions import ClientError, EndpointConnectionError, NoCredentialsError
from mlflow.exceptions import MlflowException, RestException
from requests.exceptions import HTTPError, SSLError

from attune.errors import AttuneError
from attune.storage import faults as storage_faults
from attune.tracking import client as mlflow_client
from attune.tracking import faults

DOCS = Path(__file__).parents[2] / "docs/troubleshooting.md"


def s3(code, operation="PutObject"):
    return ClientError({"Error": {"Code": code, "Message": f"{code} it is"}}, operation)


def caused(text, cause):
    error = MlflowException(text)
    error.__cause__ = cause
    return error


def http(status, body):
    return MlflowException(
        f"API request to endpoint /api/2.0/mlflow/runs/create failed with error code {status} != 200. "
        f"Response body: '{body}'"
    )


SAID = {
    "the server does not accept this host name": http(
        403, "Invalid Host header - possible DNS rebinding attack detected"
    ),
    "the server requires credentials, and did not accept those it got": http(
        401, "You are not authenticated. Please see ..."
    ),
    "this account may not do that on the server": http(403, "Permission denied"),
    "the store of artifacts: no credentials for S3": NoCredentialsError(),
    "the store of artifacts: S3 does not know these credentials": s3("SignatureDoesNotMatch"),
    "the store of artifacts: there is no such bucket": caused("cannot upload", s3("NoSuchBucket")),
    "the store of artifacts: these credentials may not do that": s3("AccessDenied"),
    "the store of artifacts: the credentials for S3 have expired": s3("ExpiredToken"),
    "the store of artifacts: S3 does not answer": EndpointConnectionError(endpoint_url="http://127.0.0.1:9"),
    "the upload is too large for a proxy in front of the server": http(413, "<html>Request Entity Too Large</html>"),
    "the server's certificate is not trusted here": SSLError(
        "Max retries exceeded (Caused by SSLError(SSLCertVerificationError(1, 'certificate verify failed')))"
    ),
    "what answers there is not MLflow": http(404, "<!doctype html><title>404 Not Found</title>"),
    "the address is neither a server's nor a database's": MlflowException("Invalid url: http://host:5000 /version"),
    "the database was made by another version of MLflow": MlflowException(
        "Detected out-of-date database schema (found version a, but expected b)."
    ),
    "the database is damaged, or is no database": MlflowException("(sqlite3.DatabaseError) file is not a database"),
    "the disk is full": MlflowException("(sqlite3.OperationalError) database or disk is full"),
    "the files there are not writable": MlflowException(
        "(sqlite3.OperationalError) attempt to write a readonly database"
    ),
    "an artifact that MLflow names is gone from the artifact store": MlflowException("No such artifact: ''"),
    "the server answers, but its database does not": RestException(
        {"error_code": "TEMPORARILY_UNAVAILABLE", "message": "(psycopg2.OperationalError) could not connect to server"}
    ),
    "a proxy answers, and the server behind it does not": MlflowException(
        "Max retries exceeded with url: /x (Caused by ResponseError('too many 502 error responses'))"
    ),
    "the server failed on this request": http(500, "Internal Server Error"),
    "the server asks for fewer requests": MlflowException(
        "Max retries exceeded with url: /x (Caused by ResponseError('too many 429 error responses'))"
    ),
    "nothing answers there": MlflowException("Max retries exceeded: [Errno 111] Connection refused"),
    "MLflow refused the request": MlflowException("something new", error_code=1),
}


@pytest.mark.parametrize(("what", "error"), SAID.items(), ids=list(SAID))
def test_a_fault_is_told_by_what_is_said_of_it(what, error):
    with pytest.raises(AttuneError, match=re.escape(what)) as caught, faults.answering():
        raise error
    assert caught.value.remedy


def test_every_fault_of_mlflow_itself_is_tried_here():
    assert {fault.what for fault in faults.FAULTS if "store of artifacts" not in fault.what} <= set(SAID)


@pytest.mark.parametrize(
    "fault", [*faults.FAULTS, *storage_faults.FAULTS], ids=lambda fault: fault.what.replace(" ", "-")
)
def test_every_fault_is_in_the_docs_with_its_remedy(fault):
    if fault.what.startswith("the store of artifacts: "):
        return  # S3's own row
    assert f"| {fault.what} | {fault.remedy} |" in DOCS.read_text(encoding="utf-8")


def test_of_a_long_text_the_end_is_kept_and_no_password():
    error = MlflowException("begin http://ada:secret@host/ " + "x" * 5000 + " the cause")
    said = faults.shortened(error)
    assert said.startswith("begin http://host/")
    assert said.endswith("the cause")
    assert len(said) < 420


@pytest.fixture
def answers(here, monkeypatch):
    """Answers of a server, by path; everything else is a web page that says 404."""
    given = {}

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            status, body = given.get(self.path.partition("?")[0], (404, "<html>Not Found</html>"))
            self.send_response(status)
            self.end_headers()
            self.wfile.write((body if isinstance(body, str) else json.dumps(body)).encode())

        do_POST = do_GET  # noqa: N815

        def log_message(self, *_):
            pass

    with in_background(ThreadingHTTPServer(("127.0.0.1", 0), Handler)) as server:
        monkeypatch.setenv("MLFLOW_TRACKING_URI", f"http://127.0.0.1:{server.server_port}")
        yield given


SEARCH, BY_NAME = "/api/2.0/mlflow/experiments/search", "/api/2.0/mlflow/experiments/get-by-name"


@pytest.mark.parametrize("given", ["127.0.0.1:5000", "localhost:5000", "./mlruns", " ", "http://127.0.0.1:9 "])
def test_an_address_that_is_none_is_told(here, monkeypatch, given):
    monkeypatch.setenv("MLFLOW_TRACKING_URI", given)
    with pytest.raises(AttuneError, match="neither a server's nor a database's"):
        mlflow_client.connect()


def test_a_full_store_of_the_servers_is_told():
    assert (
        faults.recognise(HTTPError("507 Server Error: Insufficient Storage for url: http://host/x")).what == faults.FULL
    )


def test_an_old_server_is_told_on_connecting(answers):
    answers |= {"/version": (200, "2.22.1"), SEARCH: (200, {})}
    with pytest.raises(AttuneError, match=r"the server is MLflow 2\.22\.1"):
        mlflow_client.connect()


def test_a_server_that_is_none_of_mlflows_is_told(answers):
    with pytest.raises(AttuneError, match="what answers there is not MLflow"):
        mlflow_client.connect()


@pytest.mark.parametrize("page", ["<!doctype html><title>Sign in</title>", "[]"])
def test_a_page_to_sign_in_or_another_service_is_told(answers, page):
    answers |= {"/version": (200, page), SEARCH: (200, page)}
    with pytest.raises(AttuneError, match="what answers there is not MLflow"):
        mlflow_client.connect()


def test_a_server_that_asks_for_an_account_is_told(answers):
    answers |= {"/version": (401, ""), SEARCH: (401, "You are not authenticated.")}
    with pytest.raises(AttuneError, match="did not accept those it got"):
        mlflow_client.connect()


@pytest.mark.parametrize("place", ["/mlflow/artifacts/7", "file:///mlruns/7"])
def test_artifacts_that_would_go_to_a_path_of_the_servers_are_refused(answers, place):
    experiment = {"experiment_id": "7", "name": "attune", "artifact_location": place, "lifecycle_stage": "active"}
    answers |= {"/version": (200, "3.17.2"), SEARCH: (200, {}), BY_NAME: (200, {"experiment": experiment})}
    with pytest.raises(AttuneError, match="which is not here") as caught:
        mlflow_client.experiment_id(mlflow_client.connect())
    assert "--serve-artifacts" in str(caught.value)


def test_artifacts_in_a_folder_that_both_know_are_taken(answers, tmp_path):
    experiment = {"experiment_id": "7", "name": "attune", "artifact_location": f"{tmp_path}/mlruns/7"}
    answers |= {"/version": (200, "3.17.2"), SEARCH: (200, {}), BY_NAME: (200, {"experiment": experiment})}
    assert mlflow_client.experiment_id(mlflow_client.connect()) == "7"
