"""`make step NAME=census`: scaffold a new working step, which only counts utterances so far.

Writes the step, its component and a test; adds its command, its stage and its task. Then change `run`, and everything
that names its inputs and outputs.
"""

import keyword
import re
import sys
from pathlib import Path

from attune.cli import app, steps
from attune.errors import AttuneError

STEP = '''"""Step `{name}`: counts the accepted utterances."""

import json
from pathlib import Path

from attune.artifacts.utterances import ACCEPTED
from attune.storage.files import whole_file
from attune.params import Params

READS = ()


def run(params: Params, *, validated: Path, out: Path) -> None:
    """Write how many utterances there are.

    Args:
        validated: folder written by the step `validate`.
        out: the JSON file to write.

    Raises:
        AttuneError: there is no table of utterances.
    """
    counts = {{"utterances": len(ACCEPTED.read(validated, "utterance"))}}
    with whole_file(out) as file:
        file.write_text(json.dumps(counts) + "\\n", encoding="utf-8")
'''

COMPONENT = '''"""Component `{name}`."""

from kfp import dsl
from kfp.dsl import Dataset, Input, Output

from components.command import step


@dsl.container_component
def {name}(validated: Input[Dataset], {name}: Output[Dataset]) -> dsl.ContainerSpec:
    """Count the accepted utterances.

    Args:
        validated: written by `validate`.
        {name}: how many there are.
    """
    return step("{name}", {{}}, {{"validated": validated.path, "out": {name}.path}})
'''

COMMAND = '''@click.command()
@PARAMS
@VALIDATED
@OUT
def {name}(params_source: str, validated: Path, out: Path) -> None:
    """Count the accepted utterances."""
    from attune.steps import {name} as step

    step.run(declared(step, params_source), validated=validated, out=out)


'''

STAGE = """  {name}:
    cmd: tools/attune {name} --validated data/validated --out reports/{name}.json
    params: []
    deps:
      - data/validated/utterances.parquet
    outs:
      - reports/{name}.json

"""

TASK = "            place(step.{name}(validated=validated), settings)\n\n"

TEST = '''"""The step `{name}` on the small run."""

import json

from attune.params import Params
from attune.steps import {name}


def test_every_accepted_utterance_is_counted(small_run, tmp_path):
    {name}.run(Params(), validated=small_run / "data/validated", out=tmp_path / "counts.json")
    assert json.loads((tmp_path / "counts.json").read_text())["utterances"] > 0
'''


def write(name: str, repository: Path) -> list[Path]:
    """Write the step `name` to all files concerned; return the files created or changed.

    Raises:
        AttuneError: the name is not valid for a module, or is taken.
    """
    if not re.fullmatch("[a-z]+", name) or keyword.iskeyword(name):
        raise AttuneError(
            f"{name!r} cannot name a step", where="NAME", remedy="Use one lower-case word, such as census."
        )
    if name in app.commands or hasattr(steps, name):
        raise AttuneError(f"{name!r} is taken by the command line", where="NAME", remedy="Choose another NAME.")
    if name in re.findall(r"\w+", STEP + COMPONENT + COMMAND + TEST):
        raise AttuneError(f"{name!r} is taken by the code of a new step", where="NAME", remedy="Choose another NAME.")
    made = {
        f"src/attune/steps/{name}.py": STEP,
        f"components/{name}.py": COMPONENT,
        f"tests/steps/test_{name}.py": TEST,
    }
    same = [repository / f"src/attune/steps/{name}", *(repository / "tests").rglob(f"test_{name}.py")]
    taken = [path for path in [*(repository / path for path in made), *same] if path.exists()]
    if taken:
        raise AttuneError("exists already", where=taken[0].relative_to(repository), remedy="Choose another NAME.")
    changed = {
        "src/attune/cli/steps.py": [
            ("STEP_COMMANDS = (", COMMAND + "STEP_COMMANDS = ("),
            ("    register,\n)", f"    {name},\n    register,\n)"),
        ],
        "components/__init__.py": [
            ("\n__all__ = [\n", f"from components.{name} import {name}\n\n__all__ = [\n"),
            ("__all__ = [\n", f'__all__ = [\n    "{name}",\n'),
        ],
        "dvc.yaml": [("metrics:\n  -", STAGE + "metrics:\n  -")],
        "pipelines/training.py": [("            with dsl.ParallelFor(", TASK + "            with dsl.ParallelFor(")],
    }
    texts = {path: text.format(name=name) for path, text in made.items()}
    for path, edits in changed.items():
        filled = [(old, new.format(name=name) if old in new else new) for old, new in edits]
        texts[path] = _edited(repository / path, filled)
    for path, text in texts.items():
        (repository / path).write_text(text, encoding="utf-8")
    return [repository / path for path in texts]


def _edited(path: Path, edits: list[tuple[str, str]]) -> str:
    text = path.read_text(encoding="utf-8")
    for old, new in edits:
        if text.count(old) != 1:
            raise AttuneError(f"contains {old.strip()!r} {text.count(old)} times", where=path, remedy="Add it by hand.")
        text = text.replace(old, new)
    return text


if __name__ == "__main__":
    try:
        for written in write(sys.argv[1], Path(__file__).parent.parent):
            print(written.relative_to(Path.cwd()))
    except AttuneError as error:
        sys.exit(str(error))
