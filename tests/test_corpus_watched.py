"""DVC's graph over a corpus of any name, with files of any name, in a project of any name: only what is read counts."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import own_recordings
import pytest
from ruamel.yaml import YAML

pytestmark = pytest.mark.slow

REPOSITORY = Path(__file__).parent.parent
ODD = "a b 'c' \"d\" $HOME R&D; (x) %41 ? # ümläut ~ * [y]\nnew line $(touch gone)"
BARE = {"PATH": "/usr/bin:/bin", "HOME": os.environ.get("HOME", "/"), "DVC_NO_ANALYTICS": "1"}


@pytest.fixture(scope="module")
def project(tmp_path_factory) -> Path:
    """A project of an odd name, with a corpus of an odd name among odd files."""
    folder = tmp_path_factory.mktemp("watched") / ODD
    shutil.copytree(REPOSITORY / "src", folder / "src", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copytree(REPOSITORY / "tools", folder / "tools", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(REPOSITORY / ".dvcignore", folder)
    graph = YAML(typ="safe").load((REPOSITORY / "dvc.yaml").read_text())
    stages = {name: graph["stages"][name] for name in ("data-version", "corpus")}
    YAML().dump({"vars": graph["vars"], "stages": stages}, folder / "dvc.yaml")
    root = own_recordings.write(folder / ODD, rate=16000)
    Path(root, os.fsdecode(b"no utf-8 \xff\xfe.wav")).write_bytes(b"not listed, not read")
    name(folder, ODD)
    dvc(folder, "init", "--no-scm", "-q")
    return folder


def name(project: Path, root: str) -> None:
    params = {"corpus": {"kind": "table", "root": root, "table": own_recordings.TABLE}}
    YAML().dump(params, project / "params.yaml")


def dvc(project: Path, *arguments: str) -> subprocess.CompletedProcess:
    command = [str(Path(sys.executable).with_name("dvc")), *arguments]
    return subprocess.run(command, cwd=project, env=BARE, capture_output=True, text=True, check=False, timeout=400)


def ran(project: Path) -> bool:
    """Whether `dvc repro` had to read the corpus."""
    done = dvc(project, "repro")
    assert done.returncode == 0, done.stderr
    return "Running stage 'corpus'" in done.stdout


def test_the_corpus_is_read_again_where_what_is_read_changed_and_else_not(project):
    root = project / ODD
    assert ran(project)
    assert len((project / "data/version.txt").read_text()) == 65
    (root / ".DS_Store").touch()
    (root / "video.AVI").touch()
    (root / "__MACOSX").mkdir()
    (root / "__MACOSX" / "labels.csv").touch()
    assert not ran(project)
    recording = next((root / "wavs").iterdir())
    recording.write_bytes(recording.read_bytes() + b"\0")
    before = (project / "data/corpus/recordings.parquet").read_bytes()
    assert ran(project)
    assert (project / "data/corpus/recordings.parquet").read_bytes() != before
    assert not (project / "gone").exists()


def test_a_root_that_is_not_there_is_named(project):
    name(project, "~/no such corpus")
    done = dvc(project, "repro")
    assert f"error: {BARE['HOME']}/no such corpus: no such folder\n  Set corpus.root" in done.stderr
    assert "Traceback" not in done.stderr
