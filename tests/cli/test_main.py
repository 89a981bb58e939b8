import os
import subprocess
import sys
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from attune.cli import app

ATTUNE = Path(sys.executable).with_name("attune")


def attune(*arguments, **options):
    return subprocess.run([ATTUNE, *arguments], capture_output=True, text=True, timeout=300, check=False, **options)


def test_help_needs_none_of_the_heavy_libraries():
    code = (
        "import sys; from click.testing import CliRunner; from attune.cli import app; "
        "assert CliRunner().invoke(app, ['--help']).exit_code == 0; "
        "heavy = {'torch', 'pandas', 'numpy', 'mlflow', 'kfp', 'great_expectations', 'matplotlib', 'dvc'}; "
        "sys.exit(' '.join(heavy & set(sys.modules)) or 0)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_help_lists_the_steps_in_the_order_of_the_graph():
    text = attune("--help").stdout
    steps = [
        "corpus",
        "validate",
        "preprocess",
        "features",
        "train",
        "predict",
        "evaluate",
        "attention",
        "report",
        "register",
    ]
    places = [text.index(f"\n  {step} ") for step in steps]
    assert places == sorted(places)


def test_no_line_of_help_is_cut_at_eighty_columns():
    runner = CliRunner()

    def groups(command, path):
        if isinstance(command, click.Group):
            yield path
            for name, inner in command.commands.items():
                yield from groups(inner, [*path, name])

    for path in groups(app, []):
        text = runner.invoke(app, [*path, "--help"], terminal_width=80).output
        assert "..." not in text.partition("--help")[2], f"attune {' '.join(path)}\n{text}"


def test_a_missing_package_is_named_with_the_extra_that_brings_it(tmp_path):
    code = (
        "import sys; sys.modules['great_expectations'] = None; sys.argv = ['attune', 'x']\n"
        "import click; from attune import cli\n"
        "cli.app.add_command(click.Command('x', callback=lambda: __import__('great_expectations')))\n"
        "cli.main()"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert "needs great_expectations" in done.stderr
    assert "pip install 'attune-speech[train]'" in done.stderr


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["corpus", "--root", "x", "--out", "y"], "no such parameter file"),
        (["corpus", "--root", "x", "--out", "y", "--params", '{"corpus": {"king": 1}}'], "corpus.king"),
        (["corpus", "--root", "x"], "--out"),
        (["nonsense"], "No such command"),
    ],
)
def test_bad_input_is_one_message_and_a_failure(tmp_path, arguments, said):
    done = attune(*arguments, cwd=tmp_path)
    assert done.returncode != 0
    assert said in done.stderr
    assert "Traceback" not in done.stderr
    assert os.listdir(tmp_path) == []
