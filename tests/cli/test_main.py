import errno
import os
import re
import subprocess
import sys
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

import attune as attune_package
from attune import cli
from attune.cli import app, main, missing

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
    ("command", "extra"),
    [("x", "score"), ("score", "score"), ("train", "train"), ("history", "train"), ("import", "train")],
)
def test_the_first_missing_package_is_advised_with_all_that_its_command_needs(monkeypatch, command, extra):
    monkeypatch.setitem(sys.modules, "soundfile", None)
    monkeypatch.setitem(app.commands, command, click.Command(command, callback=lambda: __import__("soundfile")))
    assert f"pip install 'attune-speech[{extra}]'" in str(CliRunner().invoke(app, [command]).exception)


@pytest.mark.parametrize("out", [".", "..", "mine", "../mine"])
def test_a_folder_that_attune_did_not_write_is_not_replaced(tmp_path, out):
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine/notes.txt").write_text("mine")
    here = tmp_path if out == "mine" else tmp_path / "mine"
    small = '{"corpus": {"synthetic": {"utterances_per_speaker": 4}}}'
    done = attune("corpus", "--params", small, "--out", out, cwd=here)
    assert done.returncode == 1
    assert f"error: {out}: is not a folder that attune wrote" in done.stderr
    assert (tmp_path / "mine/notes.txt").read_text() == "mine"
    assert os.listdir(tmp_path) == ["mine"]


def test_an_address_of_postgresql_without_a_driver_is_told_to_name_one(tmp_path, monkeypatch):
    monkeypatch.setenv("MLFLOW_TRACKING_URI", "postgresql://me@127.0.0.1:1/mlflow")
    done = attune("versions", cwd=tmp_path)
    assert done.returncode == 1
    assert "needs psycopg, which is not installed\n  Name the other driver: postgresql+psycopg2://" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("scheme", ["mysql", "mysql+pymysql", "mssql", "mssql+pymssql"])
def test_a_driver_that_no_extra_brings_is_named(tmp_path, monkeypatch, scheme):
    monkeypatch.setenv("MLFLOW_TRACKING_URI", f"{scheme}://me@127.0.0.1:1/mlflow")
    done = attune("versions", cwd=tmp_path)
    assert done.returncode == 1
    assert "pip install pym" in done.stderr
    assert "Traceback" not in done.stderr


def test_whatever_is_imported_is_declared_so_that_its_lack_is_never_a_traceback():
    brought = {"botocore", "urllib3", "pydantic_core", "markupsafe", "packaging"}  # by boto3, pydantic, jinja2, mlflow
    statement = re.compile(r"^ *(?:import|from) (\w+)(?: import|[\w.]*$|[\w.]* (?:import|as) )", re.M)
    imported = set()
    for file in Path(attune_package.__file__).parent.rglob("*.py"):
        imported |= set(statement.findall(file.read_text()))
    foreign = imported - set(sys.stdlib_module_names) - {"attune", "components", "pipelines"} - brought
    assert {"torch", "yaml"} <= foreign
    assert [name for name in sorted(foreign) if missing.advice(name) is None] == []


def test_of_a_copy_the_disk_that_is_full_is_the_one_written_to(monkeypatch, capsys):
    def copy():
        raise OSError(errno.ENOSPC, "No space left on device", "from/model", None, "to/model")

    monkeypatch.setattr(cli, "app", copy)
    with pytest.raises(SystemExit):
        main()
    assert "error: to/model: the disk is full" in capsys.readouterr().err


def test_what_the_system_refuses_without_naming_a_file_is_one_message(monkeypatch, capsys):
    def nowhere():
        raise FileNotFoundError(errno.ENOENT, "No usable temporary directory found in ['/tmp', '/var/tmp']")

    monkeypatch.setattr(cli, "app", nowhere)
    with pytest.raises(SystemExit):
        main()
    assert "(No usable temporary directory found in ['/tmp', '/var/tmp'])\n  Check that" in capsys.readouterr().err


def test_what_the_encoding_of_the_output_lacks_is_written_as_in_json():
    code = "from attune import cli; cli.app = lambda: print('\u00fc \u8a9e'); cli.main()"
    variables = {**os.environ, "PYTHONIOENCODING": "ascii"}
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, env=variables, check=False)
    assert (done.stdout, done.stderr) == ("\\u00fc \\u8a9e\n", "")


def _commands(command, path):
    for name, inner in command.commands.items() if isinstance(command, click.Group) else ():
        if not inner.hidden:
            yield [*path, name], inner
            yield from _commands(inner, [*path, name])


@pytest.mark.parametrize("value", ["", " ", "\t\n"])
def test_no_command_takes_an_empty_value_which_would_be_the_current_folder(value):
    for path, command in _commands(app, []):
        for parameter in command.params:
            named = [] if isinstance(parameter, click.Argument) else [parameter.opts[0]]
            written = [[*named, value]] + [[f"{name}={value}"] for name in named if name.startswith("--")]
            for arguments in [] if getattr(parameter, "is_flag", False) else written:
                done = CliRunner().invoke(app, [*path, *arguments])
                assert (done.exit_code, "is empty; was a variable not set?" in done.output) == (2, True), arguments


STEERING = "\x1b[2J\x9b\u202e\u2066\r\nError: forged"


@pytest.mark.parametrize(
    "arguments",
    [
        [f"--{STEERING}"],
        [STEERING],
        ["score", f"--{STEERING}"],
        ["score", "a.wav", "--device", STEERING],
        ["score", "a.wav", f"--out={STEERING}"],
        ["score", STEERING],
        ["serve", "--port", STEERING],
        ["corpus", STEERING],
        ["corpus", "check", STEERING],
        ["corpus", "check", "--root", STEERING],
        ["corpus", "compare", STEERING, "b"],
        ["store", "verify", STEERING],
        ["pipeline", "compile", STEERING],
        ["pipeline", STEERING],
        ["lineage", "3", "--model", STEERING],
    ],
)
def test_what_a_user_typed_is_shown_and_never_obeyed(tmp_path, monkeypatch, arguments, capfd):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("sys.argv", ["attune", *arguments])
    with pytest.raises(SystemExit) as ended:
        main()
    said = capfd.readouterr().err
    assert ended.value.code
    assert not set("\x1b\x9b\u202e\u2066\r") & set(said)
    assert not any(line.startswith("Error: forged") for line in said.splitlines())


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


@pytest.mark.parametrize(
    ("error", "said"),
    [(MemoryError, "too little memory"), (KeyboardInterrupt, "error: interrupted (Ctrl-C)\n")],
)
def test_what_ends_a_command_is_one_message(monkeypatch, capsys, error, said):
    def ended():
        raise error

    monkeypatch.setitem(app.commands, "ended", click.Command("ended", callback=ended))
    monkeypatch.setattr("sys.argv", ["attune", "ended"])
    with pytest.raises(SystemExit) as caught:
        main()
    assert caught.value.code == 1
    assert said in capsys.readouterr().err


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["serve", "--port", "99999"], "99999 is not in the range"),
        (["serve", "--port", "0"], "0 is not in the range"),
        (["serve", "--largest-request", "0"], "0.0 is not in the range"),
        (["serve", "--largest-request", "nan"], "nan is not a finite number"),
        (["serve", "--largest-request", "5000"], "5000.0 is not in the range"),
        (["serve", "--most-audio", "-1"], "-1.0 is not in the range"),
        (["serve", "--most-audio", "nan"], "nan is not a finite number"),
        (["serve", "--most-audio", "inf"], "inf is not a finite number"),
        (["serve", "--most-rows", "0"], "0 is not in the range"),
        (["serve", "--most-requests", "0"], "0 is not in the range"),
        (["pipeline", "submit", "--timeout", "nan"], "nan is not a finite number"),
    ],
)
def test_a_number_that_cannot_be_is_refused_before_anything_else(arguments, said):
    done = CliRunner().invoke(app, arguments)
    assert done.exit_code == 2
    assert said in done.output
