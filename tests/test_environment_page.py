"""docs/environment.md names every variable of ours that the code reads, and none that it does not."""

import re
import subprocess
from pathlib import Path

REPOSITORY = Path(__file__).parent.parent
OURS = re.compile(r"\b(?:ATTUNE|KF_PIPELINES)_[A-Z0-9_]*[A-Z0-9]\b")


def test_the_page_names_just_the_variables_that_the_code_knows():
    files = subprocess.run(
        ["git", "ls-files", "src", "pipelines", "components", "docker"],
        cwd=REPOSITORY, capture_output=True, text=True, check=True,
    ).stdout.split()  # fmt: skip
    code = {name for file in files for name in OURS.findall((REPOSITORY / file).read_text(errors="ignore"))}
    page = set(OURS.findall((REPOSITORY / "docs/environment.md").read_text()))
    passed_on = {name for name in code | page if name.startswith("ATTUNE_POD_")}
    assert page - passed_on == code - passed_on
