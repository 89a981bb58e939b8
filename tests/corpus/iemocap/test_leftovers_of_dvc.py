"""What a copy has beside what is read does not change it for DVC, inside the repository, linked or not."""

import shutil
from pathlib import Path

import pytest
from dvc.repo import Repo

IGNORE = Path(__file__).parents[3] / ".dvcignore"
LEFTOVERS = (
    ".DS_Store",
    "Session1/dialog/avi/DivX/Ses01F_impro01.avi",
    "Session1/dialog/MOCAP_head/x.txt",
    "a.mov",
    "._a.wav",
)


@pytest.fixture(params=["inside", "linked"])
def root(request, release, tmp_path_factory) -> Path:
    project = tmp_path_factory.mktemp("project")
    shutil.copy(IGNORE, project / ".dvcignore")
    Repo.init(str(project), no_scm=True).close()
    place = project / "iemocap"
    place.symlink_to(release) if request.param == "linked" else shutil.copytree(release, place)
    stage = "stages: {corpus: {cmd: 'true', deps: [iemocap]}}\n"
    (project / "dvc.yaml").write_text(stage)
    return place


def identity(root: Path) -> str:
    with Repo(str(root.parent)) as repo:
        [dep] = next(iter(repo.index.stages)).deps
        return dep.get_hash().value


def test_leftovers_do_not_change_a_corpus_and_a_label_does(root):
    before = identity(root)
    for name in LEFTOVERS:
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_bytes(b"left over")
    assert identity(root) == before
    with (root / "Session1/dialog/EmoEvaluation/Ses01F_impro01.txt").open("a") as file:
        file.write("\n")
    assert identity(root) != before
