"""A registered version whose files were damaged or edited, in MLflow's store, is refused by name and never used."""

import importlib
import random
import shutil
from importlib.machinery import EXTENSION_SUFFIXES
from pathlib import Path

import mlflow
import onnx
import pytest
from registry_samples import FOLDS

from attune.errors import AttuneError
from attune.registry import own_code, package
from attune.registry.running import Running
from attune.served import ensemble, inputs
from attune.storage import sums
from attune.storage.sums import SUMS
from attune.tags import FILES

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


def use(files, tags=None):
    """All that is read before a version answers: see `versions.fetch` and the runner."""
    own_code.check(files, tags or {})
    return ensemble.load(files / "artifacts/folds")


@pytest.fixture(scope="module")
def tags(saved):
    return {FILES: own_code.digest(saved / "code/attune", saved / "artifacts/folds")}


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


def test_a_model_that_something_else_registered_is_told(files):
    shutil.rmtree(files / "code")
    with pytest.raises(AttuneError, match="was not registered by attune"):
        own_code.check(files, {})


def another_fold(files):
    shutil.copytree(files / f"artifacts/folds/{FOLDS[0]}", files / "artifacts/folds/zzz")


def lists_made_again(files):
    code = files / "code/attune/served/answering.py"
    code.write_text("print('mine')")
    sums.enter_tree(files / "code/attune")


def no_lists(files):
    (files / "code/attune" / SUMS).unlink()


def a_link_to_other_weights(files):
    weights = files / f"artifacts/folds/{FOLDS[0]}/model.safetensors"
    weights.unlink()
    weights.symlink_to("/etc/passwd")


def a_link_out_of_the_code(files):
    (files / "code/attune/served/answering.py").unlink()
    (files / "code/attune/served/answering.py").symlink_to(files / "code/attune/errors.py")


@pytest.mark.parametrize(
    "change", [another_fold, lists_made_again, no_lists, a_link_to_other_weights, a_link_out_of_the_code]
)
def test_whoever_can_write_among_the_files_cannot_change_what_is_used(files, tags, change):
    use(files, tags)
    change(files)
    with pytest.raises(AttuneError) as caught:
        use(files, tags)
    assert str(files) in str(caught.value)
    assert "delete the version in MLflow" in caught.value.remedy


@pytest.mark.parametrize("name", ["code/attune/SHA256SUMS", "artifacts/folds/SHA256SUMS", "artifacts/folds"])
def test_a_file_that_is_gone_is_named(files, tags, name):
    gone = files / name
    shutil.rmtree(gone) if gone.is_dir() else gone.unlink()
    with pytest.raises(AttuneError, match=f"{name}.*: no such file\n  Restore .* or delete the version in MLflow"):
        use(files, tags)


def test_nothing_that_was_not_listed_is_run_or_read(files, tags, tmp_path, trained):
    """Beside the code, in it as bytecode or compiled, in MLflow's own descriptions, in pickles and in ONNX."""
    mark = tmp_path / "it-was-run"
    evil = f"open({str(mark)!r}, 'w').close()"
    code = files / "code"
    for name in ("sitecustomize.py", "usercustomize.py", "numpy/__init__.py", "torch.py", "pandas.py", "evil.py"):
        (code / name).parent.mkdir(exist_ok=True)
        (code / name).write_text(evil)
    (code / "evil.pth").write_text(f"import evil; {evil}")
    for module in ("served/answering", "served/ensemble", "errors"):
        source = code / "attune" / f"{module}.py"
        for name in (importlib.util.cache_from_source(source), source.with_suffix(".pyc")):
            compiled = importlib._bootstrap_external._code_to_hash_pyc(compile(evil, source, "exec"), b"8" * 8, False)
            Path(name).parent.mkdir(exist_ok=True)
            Path(name).write_bytes(compiled)
        source.with_suffix(EXTENSION_SUFFIXES[0]).write_bytes(b"\x7fELF")
    (files / "MLmodel").write_text("flavors: {python_function: {loader_module: evil, python_model: p.pkl, code: code}}")
    for place in (files, files / "artifacts", files / "artifacts/folds", files / f"artifacts/folds/{FOLDS[0]}"):
        for name in ("p.pkl", "python_model.pkl", "pytorch_model.bin", "model.pt"):
            (place / name).write_bytes(b"cposix\nsystem\n(S'touch " + bytes(mark) + b"'\ntR.")
        (place / "model.onnx").write_bytes(onnx_that_reads("../../../../../../etc/passwd"))
        (place / "endless").symlink_to(".")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(files)
        own_code.check(files, tags)
        with Running(files, "attune/1", threads=1) as networks:
            answered = networks.predict(package.example(16_000))
            networks.export(tmp_path / "out.onnx")
    own = ensemble.load(files / "artifacts/folds")
    request = package.example(own.sample_rate)
    [expected] = own.predict([inputs.waveform(request.iloc[0], own.sample_rate)])
    assert answered.loc[0, "arousal"] == pytest.approx(expected.scores["arousal"], abs=1e-6)
    assert not mark.exists()
    exported = onnx.load(tmp_path / "out.onnx", load_external_data=False)
    assert not [tensor for tensor in exported.graph.initializer if tensor.external_data]


def onnx_that_reads(path):
    """A network whose weights are said to be in a file elsewhere."""
    tensor = onnx.TensorProto(name="w", data_type=onnx.TensorProto.FLOAT, dims=[1 << 40])
    tensor.data_location = onnx.TensorProto.EXTERNAL
    tensor.external_data.add(key="location", value=path)
    node = onnx.helper.make_node("Anything", ["w"], ["y"], domain="nobody.knows")
    graph = onnx.helper.make_graph([node], "g", [], [], [tensor])
    return onnx.helper.make_model(
        graph, opset_imports=[onnx.helper.make_opsetid("nobody.knows", 999)]
    ).SerializeToString()
