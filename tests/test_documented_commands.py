"""Every command of README and docs, run as printed and in order by somebody who only activated the environment."""

import os
import re
import signal
import subprocess
import time
import urllib.request
from contextlib import contextmanager

import docs_verdicts as verdicts
import needs
import pytest
from ports import free_port
from registry_samples import voice, write_wav
from small_project import PROGRAMS, REPOSITORY, bare, change

from attune.tracking import client as mlflow_client

PAGES = [REPOSITORY / "README.md", REPOSITORY / "CONTRIBUTING.md", *sorted((REPOSITORY / "docs").glob("*.md"))]
COMMAND = re.compile(
    r"(attune|dvc|mlflow|make|python|docker|docker/\w+|kubectl|curl|sox|eval|set|export|cd|source|git|pip)\s+\S"
)
LISTING = "->"  # of what is written where
LENIENT = {"minimum": {task: {"uar": 0.0} for task in ("arousal", "valence", "dominance")}, "max_latency": 1000.0}


def blocks(text):
    """The lines of each block of code that is indented or fenced as a shell's."""
    block, fence = [], None
    for line in [*text.splitlines(), "end"]:
        if mark := re.match(r"\s*```(\w*)", line):
            fence = None if fence is not None else mark.group(1)
        elif fence in ("", "sh", "bash") or (fence is None and re.match(" {4,}", line)):
            block.append(line.strip())
            continue
        yield block
        block = []


def commands(path):
    """Each command of a page, lines that go on joined, comments taken off."""
    for block in blocks(path.read_text(encoding="utf-8")):
        for line in re.sub(r"\\\n", " ", "\n".join(block)).splitlines():
            if COMMAND.match(line) and LISTING not in line.split():
                yield re.sub(r"\s+#\s.*$", "", line).strip()


def verdict(command):
    """Why a command is not run here; None where it is."""
    begun = (why for start, why in verdicts.ELSEWHERE_BEGINNING.items() if command.startswith(start))
    return verdicts.ELSEWHERE.get(command) or next(begun, None)


@pytest.fixture(scope="module")
def user(small_project):
    """The project with seven versions, recordings, and the environment where `make setup` puts it."""
    give_environment(small_project)
    for name in ("speech.wav", "recordings/new.wav", "call.wav"):
        write_wav(small_project / name, voice(0.4))
    write_wav(small_project / "more.wav", voice(0.3)).rename(small_project / "more.flac")
    for name in ("list.csv", "calls.csv"):
        (small_project / name).write_text("path\nspeech.wav\n")
    change(small_project / "params.yaml", {"promote": LENIENT})
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("MLFLOW_TRACKING_URI", f"sqlite:///{small_project}/mlflow.db")
        client = mlflow_client.connect()
        first = client.get_model_version("attune", "1")
        for _ in range(6):
            client.create_model_version("attune", first.source, run_id=first.run_id, tags=dict(first.tags))
    return small_project


def give_environment(project):
    """The one that runs this, linked as if made there: `make` would install all packages of a copied one anew."""
    (PROGRAMS.parent / "ready").exists() or needs.missing("needs the environment that `make setup` makes")
    own = project / ".venv"
    own.mkdir()
    for path in PROGRAMS.parent.iterdir():
        (own / path.name).symlink_to(path)
    (own / "ready").unlink()
    (own / "ready").write_text(f"{project.resolve()}\n")
    subprocess.run(["touch", "-d", "2000-01-01", "requirements.lock", "pyproject.toml"], cwd=project, check=True)


def test_every_command_has_a_verdict_or_runs():
    known = {command for path in PAGES for command in commands(path)}
    assert len(known) > 50
    assert set(verdicts.ELSEWHERE) <= known, "no longer in the docs"
    for program in (word for command in known for word in command.split() if word.startswith("benchmarks/")):
        assert (REPOSITORY / program).exists(), program


@pytest.mark.slow
@pytest.mark.parametrize("page", PAGES, ids=lambda path: path.name)
def test_the_commands_of_a_page_run_as_printed(page, user, once):
    for command in commands(page):
        if verdict(command) is None and command not in once:
            once.add(command)
            run(command, user)


@pytest.fixture(scope="module")
def once():
    """The commands that ran already: pages repeat one another."""
    return set()


def run(command, folder):
    if command.startswith(tuple(verdicts.SERVERS)):
        with serving(command, folder):
            return
    asked = next((server for start, server in verdicts.CLIENTS.items() if command.startswith(start)), None)
    if asked:
        with serving(asked, folder) as port:
            finish(command.replace("5001", str(port)), folder)
    elif command.startswith(verdicts.FORM_ONLY):
        finish(command.replace("dvc exp run", "dvc exp run --queue"), folder)
    else:
        finish(command, folder)


def finish(command, folder):
    done = subprocess.run(
        line(command), cwd=folder, env=environment(folder), capture_output=True, text=True, timeout=600, check=False
    )
    assert done.returncode == 0, f"{command}\n{done.stdout}\n{done.stderr}"
    assert "Traceback" not in done.stderr, f"{command}\n{done.stderr}"


def line(command):
    return ["bash", "-c", f"source .venv/bin/activate; {command}"]


def environment(folder):
    """As after logging in: no environment activated, nothing of ours on the path."""
    return bare(folder) | {"PATH": "/usr/local/bin:/usr/bin:/bin", "TERM": "dumb"}


@contextmanager
def serving(command, folder):
    """A server on a free port, which has answered; gone afterwards."""
    path = next(path for start, path in verdicts.SERVERS.items() if command.startswith(start))
    port = free_port()
    with (folder.parent / "server.log").open("w+b") as log:
        process = subprocess.Popen(
            line(f"exec {command} --port {port}"),
            cwd=folder, env=environment(folder), stdout=log, stderr=log, start_new_session=True,
        )  # fmt: skip
        try:
            until = time.monotonic() + 400
            while not _answers(f"http://127.0.0.1:{port}/{path}"):
                assert process.poll() is None, (folder.parent / "server.log").read_text()
                assert time.monotonic() < until, f"{command} does not answer"
                time.sleep(0.2)
            yield port
        finally:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait(120)


def _answers(address):
    try:
        with urllib.request.urlopen(address, timeout=5):
            return True
    except OSError:
        return False
