"""Where no engine can run: one message with the reason, tests skipped by it, CI failed by it."""

import os
import subprocess

import pytest
from engine import ROOT, script


@pytest.fixture
def nowhere(monkeypatch, tmp_path):
    """No engine answers at the places that the script looks."""
    monkeypatch.setenv("DOCKER_HOST", f"unix://{tmp_path}/absent.sock")
    monkeypatch.setenv("ATTUNE_ENGINE", str(tmp_path))


@pytest.mark.parametrize("command", ["engine", "build", "stack"])
def test_says_why_and_what_to_do_and_ends_with_75(command, nowhere):
    arguments = ["up"] if command == "stack" else []
    done = subprocess.run([ROOT / "docker" / command, *arguments], capture_output=True, text=True, check=False)
    assert done.returncode == 75
    assert done.stdout == ""
    assert done.stderr == "engine: cannot run: none answers; start Docker, or on Debian as root: docker/engine up\n"


def test_tests_are_skipped_with_the_reason(nowhere, monkeypatch):
    monkeypatch.delenv("CI", raising=False)
    with pytest.raises(pytest.skip.Exception, match="none answers"):
        script("engine")


def test_but_fail_in_ci(nowhere, monkeypatch):
    monkeypatch.setenv("CI", "true")
    with pytest.raises(pytest.fail.Exception, match="none answers"):
        script("engine")


@pytest.mark.parametrize("command", ["engine", "stack"])
def test_an_unknown_word_prints_the_usage(command):
    done = subprocess.run([ROOT / "docker" / command, "sideways"], capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert f"docker/{command}" in done.stderr


@pytest.mark.containers
def test_an_engine_that_answers_is_used_and_found_again(engine):
    assert os.environ["DOCKER_HOST"] == engine.host
    assert engine("version", "--format", "{{.Server.Version}}").returncode == 0
    assert f"DOCKER_HOST={engine.host}" in script("engine")


@pytest.mark.containers
def test_a_base_image_that_cannot_be_had_is_an_error(engine):
    done = subprocess.run(
        [ROOT / "docker/engine"],
        env=os.environ | {"BASE_IMAGE": "localhost/absent:1"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 75
    assert "BASE_IMAGE=localhost/absent:1 is neither here nor to be pulled" in done.stderr
