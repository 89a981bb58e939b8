"""The meaning of MLflow's errors: common faults, how to recognise them, and what to do about them."""

import re
from collections.abc import Iterator
from contextlib import contextmanager

from attune.errors import AttuneError
from attune.storage import faults
from attune.storage.faults import Fault
from attune.tracking import address

_LONGEST = 400  # characters of MLflow's own message
_THEIRS = {
    "boto3.exceptions.Boto3Error",
    "botocore.exceptions.BotoCoreError",
    "botocore.exceptions.ClientError",
    "mlflow.exceptions.MlflowException",
    "requests.exceptions.RequestException",
    "sqlalchemy.exc.SQLAlchemyError",
    "sqlite3.DatabaseError",
    "urllib3.exceptions.HTTPError",
}
_MISSING = ("RESOURCE_DOES_NOT_EXIST", "INVALID_PARAMETER_VALUE")

DENIED, FULL = "this account may not do that on the server", "the disk is full"

FAULTS = (
    Fault(
        "the server does not accept this host name",
        r"Invalid Host header|DNS rebinding",
        "Start it with `mlflow server --allowed-hosts NAME`, or use a name that it accepts.",
    ),
    Fault(
        "the server requires credentials, and did not accept those it got",
        r"error code 401|not authenticated|401 Client Error|Unauthorized",
        "Set MLFLOW_TRACKING_USERNAME and MLFLOW_TRACKING_PASSWORD, or MLFLOW_TRACKING_TOKEN, to those of an account.",
    ),
    Fault(
        DENIED,
        r"Permission denied$|error code 403|PERMISSION_DENIED|403 Client Error",
        "Ask whoever runs the server for the permission, or use another account: MLFLOW_TRACKING_USERNAME.",
    ),
    *(fault._replace(what=f"the store of artifacts: {fault.what}") for fault in faults.FAULTS),
    Fault(
        "the upload is too large for a proxy in front of the server",
        r"error code 413|413 Client Error|Request Entity Too Large",
        "Raise the proxy's limit, such as nginx's client_max_body_size.",
    ),
    Fault(
        "the server's certificate is not trusted here",
        r"CERTIFICATE_VERIFY_FAILED|SSLError|SSLCertVerificationError",
        "Set MLFLOW_TRACKING_SERVER_CERT_PATH to the file with the certificate of its authority.",
    ),
    Fault(
        "what answers there is not MLflow",
        r"error code 404.*(?:<html|Not Found|doctype)|404 page not found|JSONDecodeError|valid JSON|"
        r"API request to (?:endpoint )?.* failed.*<!?(?:html|doctype)",
        "Check the address in MLFLOW_TRACKING_URI, the path that a proxy adds to it included.",
    ),
    Fault(
        "the address is neither a server's nor a database's",
        r"filesystem tracking backend|unsupported URI|Invalid url",
        "Set MLFLOW_TRACKING_URI to one that begins with http:// or https://, or like sqlite:///mlflow.db, without "
        "blanks; `mlflow migrate-filestore` moves what is in a folder mlruns to a database.",
    ),
    Fault(
        "the database was made by another version of MLflow",
        r"out-of-date database schema|Can't locate revision",
        "Bring it up to date with `mlflow db upgrade ADDRESS`, or install the MLflow that made it.",
    ),
    Fault(
        "the database is damaged, or is no database",
        r"file is not a database|database disk image is malformed|file is encrypted",
        "Restore the file from a copy, or move it away: a new one is made.",
    ),
    Fault(
        FULL,
        r"database or disk is full|No space left on device|Disk quota exceeded|507 Server Error",
        "Free some space, there or on the server.",
        passes=True,
    ),
    Fault(
        "the files there are not writable",
        r"readonly database|Permission denied:|PermissionError|Read-only file system|unable to open database file",
        "Check who owns the database and the folder mlartifacts beside it, and make them writable for yourself.",
    ),
    Fault(
        "an artifact that MLflow names is gone from the artifact store",
        r"No such artifact",
        "Bring the files back (the folder mlartifacts, or the server's store), or delete the version in MLflow and "
        "register the model again.",
    ),
    Fault(
        "the server answers, but its database does not",
        r"OperationalError|TEMPORARILY_UNAVAILABLE|could not connect to server|database is locked",
        "Try again in a while; whoever runs the server finds the cause in its log.",
        passes=True,
    ),
    Fault(
        "a proxy answers, and the server behind it does not",
        r"error code 50[234]|too many 50[234] error responses|50[234] Server Error",
        "Try again in a while; the server may be starting or overloaded.",
        passes=True,
    ),
    Fault(
        "the server failed on this request",
        r"error code 500|too many 500 error responses|500 Server Error",
        "Whoever runs the server finds the cause in its log.",
        passes=True,
    ),
    Fault(
        "the server asks for fewer requests",
        r"error code 429|too many 429 error responses|429 Client Error",
        "Wait a few minutes and run the same command again, or have the limit raised.",
        passes=True,
    ),
    Fault(
        "nothing answers there",
        r"Max retries exceeded|ConnectionError|Connection refused|Connection reset|Failed to establish|timed out|"
        r"Name or service not known|name resolution|RemoteDisconnected|Connection aborted",
        "Check that the server runs and that MLFLOW_TRACKING_URI is right, then run the same command again.",
        passes=True,
    ),
)

OTHER = Fault(
    "MLflow refused the request",
    "",
    "Check that it runs and that MLFLOW_TRACKING_URI (and its credentials) are right, then run the same command again.",
)


@contextmanager
def answering() -> Iterator[None]:
    """Turn whatever MLflow or its artifact store raises inside into one message: what, where, and the remedy."""
    try:
        yield
    except Exception as error:
        if is_theirs(error):
            raise described(error) from error
        raise


def is_theirs(error: BaseException) -> bool:
    """Whether MLflow or a library it uses raised the error; compared by name, since importing them takes seconds."""
    by_name = any(f"{kind.__module__}.{kind.__name__}" in _THEIRS for kind in type(error).__mro__)
    return by_name or faults.is_of_an_endpoint(error)


def is_missing(error: BaseException) -> bool:
    """Whether the error says that the requested item does not exist, or that its name is invalid."""
    response = getattr(error, "response", None)
    return getattr(error, "error_code", None) in _MISSING or getattr(response, "status_code", None) == 404


def described(error: BaseException) -> AttuneError:
    """Return the error to report for what MLflow raised."""
    fault = recognise(error)
    default = f" Unset, MLFLOW_TRACKING_URI means {address.LOCAL_URI}." if fault is OTHER else ""
    what = f"{fault.what} ({shortened(error)})"
    return AttuneError(what, where=address.whole(), remedy=f"{fault.remedy}{default}", passes=fault.passes)


def recognise(error: BaseException) -> Fault:
    """Return the fault behind an error: its own text counts first, then its causes'."""
    texts = list(_chain(error))
    return next((fault for fault in FAULTS for text in texts if re.search(fault.signs, text, re.S)), OTHER)


def shortened(error: BaseException) -> str:
    """Return the error's text on one line, without passwords; of a long text the beginning and the end."""
    text = address.without_password(" ".join(str(error).split())) or type(error).__name__
    half = _LONGEST // 2
    return text if len(text) <= _LONGEST else f"{text[:half]} ... {text[-half:]}"


def _chain(error: BaseException | None) -> Iterator[str]:
    while error is not None:
        yield f"{type(error).__name__}: {getattr(error, 'error_code', '')} {error}"
        error = error.__cause__ or error.__context__
