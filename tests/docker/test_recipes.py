"""Rules that the image recipes and the compose file keep, readable without an engine."""

import re
from pathlib import Path
from typing import NamedTuple

import pytest
import yaml

DOCKER = Path(__file__).parents[2] / "docker"
RECIPES = sorted(path for path in DOCKER.glob("*Dockerfile"))
COMPOSE = yaml.safe_load((DOCKER / "compose.yaml").read_text())
SERVICES = COMPOSE["services"]


class Instruction(NamedTuple):
    word: str
    rest: str


def _instructions(text: str) -> list[Instruction]:
    lines = [line for line in text.splitlines() if not line.lstrip().startswith("#")]
    joined = re.sub(r"\\\n\s*", "", "\n".join(lines))
    return [Instruction(*line.split(maxsplit=1)) for line in joined.splitlines() if line.strip()]


def _stages(recipe: Path) -> dict[str, list[Instruction]]:
    stages: dict[str, list[Instruction]] = {}
    for instruction in _instructions(recipe.read_text()):
        if instruction.word == "FROM":
            source, _, name = instruction.rest.partition(" AS ")
            stages[name] = list(stages.get(source, []))
        elif stages:
            stages[name].append(instruction)
    return stages


@pytest.mark.parametrize("recipe", RECIPES, ids=lambda path: path.name)
def test_a_recipe_needs_no_registry_and_keeps_no_entrypoint(recipe):
    text, words = recipe.read_text(), {instruction.word for instruction in _instructions(recipe.read_text())}
    assert "# syntax" not in text
    assert not {"ENTRYPOINT", "ADD", "VOLUME", "ONBUILD"} & words
    assert ":latest" not in text


@pytest.mark.parametrize("recipe", RECIPES, ids=lambda path: path.name)
def test_a_recipe_builds_on_nothing_that_cannot_be_overridden(recipe):
    sources = {i.rest.partition(" AS ")[0] for i in _instructions(recipe.read_text()) if i.word == "FROM"}
    assert all(source.startswith("${") or source in _stages(recipe) for source in sources)


@pytest.mark.parametrize("target", ["cpu", "gpu"])
def test_an_image_ends_unprivileged_and_labelled(target):
    stage = _stages(DOCKER / "Dockerfile")[target]
    assert [i.rest for i in stage if i.word == "USER"] == ["1000:1000"]
    assert any("org.opencontainers.image.revision=${COMMIT}" in i.rest for i in stage if i.word == "LABEL")


def test_the_images_differ_in_torch_alone():
    stages = _stages(DOCKER / "Dockerfile")
    cpu, gpu = stages["cpu"], stages["gpu"]
    assert {i.rest.split("/opt/tools/install", 1)[-1] for i in set(cpu) ^ set(gpu) if i.word == "RUN"} == {
        " /opt/venv --no-deps ${CPU_TORCH} torch && /opt/tools/install /opt/venv torch torchaudio peft",
        " /opt/venv torch torchaudio peft",
    }
    assert cpu[-5:] == gpu[-5:]


def test_our_code_comes_after_everything_that_takes_long_to_install():
    runs = [i.rest for i in _stages(DOCKER / "Dockerfile")["cpu"] if i.word == "RUN"]
    assert "/package/*.whl" in runs[-1]
    assert not any("from=package" in run for run in runs[:-1])


def test_nothing_enters_a_build_unasked():
    for recipe in RECIPES:
        first, *rest = [
            line for line in Path(f"{recipe}.dockerignore").read_text().splitlines() if not line.startswith("#")
        ]
        assert first == "*"
        assert not [line for line in rest if re.match(r"!(\.|data|models|tests|docs|docker$)", line)]


@pytest.mark.parametrize("name", SERVICES)
def test_a_server_of_the_stack_is_sealed_and_answers_this_machine_only(name):
    service = SERVICES[name]
    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert all(port.startswith("127.0.0.1:") for port in service.get("ports", []))
    assert re.fullmatch(r"\$\{[A-Z0-9]+_IMAGE:-attune-[a-z0-9]+:local\}", service["image"])


def test_the_stack_has_the_settings_of_the_cluster():
    assert (DOCKER / SERVICES["mlflow"]["env_file"]).resolve() == DOCKER.parent / "deploy/base/settings.env"


def test_the_stack_names_secrets_but_holds_none():
    settings = [pair for service in SERVICES.values() for pair in service["environment"].items()]
    secrets = [value for name, value in settings if re.search(r"PASSWORD|KEY", name)]
    assert len(secrets) == 5
    assert all(re.fullmatch(r'"?(\$\{[A-Z_]+(:\?[a-z -]+)?\},?)+"?', value) for value in secrets)
