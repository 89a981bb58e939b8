"""The secrets of the local stack are made once, for their owner alone, whoever else makes them at the same moment."""

import shutil
import stat
import subprocess
import sys

import pytest
from engine import ROOT

BESIDE = """#!/bin/sh
if mkdir begun 2>/dev/null; then docker/stack down && cp docker/stack.env first; fi
exec {python} "$@"
"""


@pytest.fixture
def stack(tmp_path):
    """A stack whose engine does nothing, and which is called once more while it makes the secrets."""
    programs = tmp_path / "bin"
    programs.mkdir()
    (tmp_path / "docker").mkdir()
    shutil.copy(ROOT / "docker/stack", tmp_path / "docker")
    scripts = {"docker/engine": "#!/bin/sh\necho DOCKER=true BASE_IMAGE=none\n"}
    scripts["bin/python3"] = BESIDE.format(python=sys.executable)
    for name, text in scripts.items():
        (tmp_path / name).write_text(text)
        (tmp_path / name).chmod(0o755)

    def down():
        command = [tmp_path / "docker/stack", "down"]
        subprocess.run(command, cwd=tmp_path, env={"PATH": f"{programs}:/usr/bin:/bin"}, check=True)
        return (tmp_path / "docker/stack.env").read_text()

    return down


@pytest.mark.parametrize("torn", [False, True])
def test_of_secrets_made_at_the_same_moment_the_first_stay(stack, tmp_path, torn):
    if torn:
        (tmp_path / "docker/stack.env").touch()
    made = stack()
    assert made == (tmp_path / "first").read_text() == stack()
    assert [line.partition("=")[0] for line in made.splitlines()] == [
        "PGPASSWORD", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"
    ]  # fmt: skip
    assert stat.S_IMODE((tmp_path / "docker/stack.env").stat().st_mode) == 0o600
    assert sorted(path.name for path in (tmp_path / "docker").iterdir()) == ["engine", "stack", "stack.env"]
