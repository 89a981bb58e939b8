"""The encoder of ssl-att is where pods and containers look for it, or nothing is started."""

import json

import pytest
from pinned import PINNED

from attune.errors import AttuneError
from attune.params import Params
from pipelines import encoders, settings


def params(folder, *systems):
    return Params.model_validate({"systems": ["mtl-att", *systems], "ssl": {"folder": str(folder)}})


def on(claim):
    return settings.load(changes={**PINNED, "data": {"claim": claim}})


@pytest.mark.parametrize(
    "folder", ["data/encoder", "/home/me/wavlm", "/data/../wavlm", "s3://bucket/wavlm", "/database"]
)
def test_a_folder_that_no_pod_has_is_refused(folder):
    with pytest.raises(AttuneError, match="no pod has the encoder's folder") as caught:
        encoders.check_reachable(params(folder, "ssl-att"), on("corpus"))
    assert "-S ssl.folder=/data/FOLDER" in caught.value.remedy
    assert "data.claim" not in caught.value.remedy


def test_without_a_claim_no_pod_has_any():
    with pytest.raises(AttuneError) as caught:
        encoders.check_reachable(params("/data/wavlm", "ssl-att"), on(""))
    assert "--set data.claim=CLAIM" in caught.value.remedy


def test_what_is_on_the_volume_or_not_needed_is_accepted():
    encoders.check_reachable(params("/data/wavlm base", "ssl-att"), on("corpus"))
    encoders.check_reachable(params("data/encoder", "egemaps-svm"), on(""))


def test_containers_here_are_given_its_whole_path(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "my encoder").mkdir()
    found, folder = encoders.here(params("my encoder", "ssl-att"))
    assert found.ssl.folder == str(folder) == str(tmp_path / "my encoder")
    assert encoders.here(params("none"))[1] is None
    with pytest.raises(AttuneError, match="no such folder"):
        encoders.here(params("none", "ssl-att"))


def test_nothing_is_submitted_whose_encoder_no_pod_has(monkeypatch, tmp_path, capsys):
    from attune.cli import main

    monkeypatch.chdir(tmp_path)
    images = [part for name, image in PINNED["images"].items() for part in ("--set", f"images.{name}={image}")]
    given = ["--params", json.dumps({"systems": ["ssl-att"]}), *images, "--dry-run"]
    monkeypatch.setattr("sys.argv", ["attune", "pipeline", "submit", *given])
    with pytest.raises(SystemExit, match="1"):
        main()
    assert "no pod has the encoder's folder data/encoder" in capsys.readouterr().err
