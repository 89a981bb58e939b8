"""A real MLflow server on a real PostgreSQL, both gone afterwards."""

import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import needs
from mlflow_servers import Server
from ports import free_port


def initdb() -> Path | None:
    """PostgreSQL's initdb, which Debian keeps off the path."""
    found = [Path(path) for path in [shutil.which("initdb")] if path]
    found += sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), reverse=True)
    return found[0].resolve() if found else None


@contextmanager
def mlflow_on_postgresql(folder: Path) -> Iterator[str]:
    """The address of the server; skips where PostgreSQL is not installed, but under CI fails."""
    found = initdb()
    if found is None:
        needs.missing("PostgreSQL is not installed (apt-get install postgresql)")
    with _postgresql(found.parent) as database, Server(folder, database=database, workers=2) as server:
        yield server.address


@contextmanager
def _postgresql(programs: Path) -> Iterator[str]:
    port, user = free_port(), _user()
    with tempfile.TemporaryDirectory(prefix="attune-pg-", dir="/tmp") as name:
        if user:
            shutil.chown(name, user)
        data = f"{name}/data"
        # fsync off: nobody will miss this data; the rest is as PostgreSQL comes
        options = f"-p {port} -k {name} -c listen_addresses=127.0.0.1 -c fsync=off"
        run = {"user": user, "check": True, "capture_output": True, "timeout": 300, "cwd": name}
        subprocess.run([programs / "initdb", "-D", data, "-A", "trust", "-U", "attune", "--no-sync"], **run)
        start = [programs / "pg_ctl", "-D", data, "-w", "-o", options, "-l", f"{name}/log", "start"]
        subprocess.run(start, **{**run, "capture_output": False, "stdout": subprocess.DEVNULL})
        try:
            yield f"postgresql+psycopg2://attune@127.0.0.1:{port}/postgres"
        finally:
            subprocess.run([programs / "pg_ctl", "-D", data, "-m", "immediate", "stop"], **run)


def _user() -> str | None:
    """Whom PostgreSQL runs as: it refuses root, and Debian's package brings a user."""
    if os.geteuid() != 0:
        return None
    try:
        return pwd.getpwnam("postgres").pw_name
    except KeyError:
        return "nobody"
