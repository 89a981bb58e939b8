"""A registered version whose files were damaged or edited, in MLflow's store, is refused by name and never used."""

import random
import shutil

import mlflow
import pytest
from registry_samples import FOLDS

from attune.artifacts.sums import SUMS
from attune.errors import AttuneError
from attune.registry import own_code, package
from attune.registry.running import Running
from attune.served import ensemble

pytestmark = pytest.mark.slow

FLIPS = 25


@pytest.fixture(scope="module")
def saved(trained, tmp_path_factory):
    folder = tmp_path_factory.mktemp("saved") / "model"
    with package.arguments({fold: trained / "models/mtl-att" / fold for fold in FOLDS}) as arguments:
        mlflow.pyfunc.save_model(folder, **arguments)
    return folder


@pytest.fixture
def files(saved, tmp_path):
    return shutil.copytree(saved, tmp_path / "model")


def use(files):
    """All that is read before a version answers: see `versions.fetch` and the runner."""
    own_code.check(files)
    return ensemble.load(files / "artifacts/folds")


def said(files):
    return [(member.description, member.weights_sha256) for member in use(files).members]


def test_an_undamaged_version_is_used(files):
    assert len(use(files).members) == len(FOLDS)


@pytest.mark.parametrize("name", ["model.safetensors", "model.json", "code"])
def test_a_flipped_bit_is_refused_and_the_file_named(files, name):
    draw, undamaged, refused = random.Random(1), said(files), 0
    pool = sorted((files / "code").rglob("*.py")) if name == "code" else [files / "artifacts/folds" / FOLDS[0] / name]
    pool = [path for path in pool if path.stat().st_size]
    for _ in range(FLIPS):
        path = draw.choice(pool)
        content = bytearray(path.read_bytes())
        content[draw.randrange(len(content))] ^= 1 << draw.randrange(8)
        sound = path.read_bytes()
        path.write_bytes(content)
        try:
            told = said(files)
        except AttuneError as error:
            refused += path.name in str(error)
        else:
            assert told == undamaged, "of model.json, a bit that means nothing"
            assert name == "model.json"
        path.write_bytes(sound)
    assert refused >= (FLIPS if name != "model.json" else 0.9 * FLIPS)


def test_what_the_system_refuses_the_process_of_a_version_ends_no_process(saved, tmp_path):
    """A full disk, or here a file where a folder should be."""
    (tmp_path / "file").touch()
    with Running(saved, "attune/1") as networks:
        for _ in range(2):
            with pytest.raises(OSError, match="file"):
                networks.export(tmp_path / "file/model.onnx")


def test_code_that_was_added_or_taken_away_is_refused(files):
    code = files / "code/attune"
    (code / "sitecustomize.py").write_text("raise SystemExit")
    with pytest.raises(AttuneError, match=r"sitecustomize\.py"):
        use(files)
    (code / "sitecustomize.py").unlink()
    (code / "served/answering.py").unlink()
    with pytest.raises(AttuneError, match=r"answering\.py: is missing"):
        use(files)


def test_a_version_of_attune_0_1_which_lists_no_sums_is_still_used(files):
    (files / "code/attune" / SUMS).unlink()
    assert use(files)
