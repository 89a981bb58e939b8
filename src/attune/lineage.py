"""The lineage of a model: code, data, parameters and scores, as facts for tags. Independent of MLflow."""

import json
import os
import subprocess
from collections.abc import Iterator, Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any, NamedTuple

import yaml
from yaml import YAMLError

from attune import __version__ as __version__
from attune import tags as names
from attune.artifacts.metrics import Metrics
from attune.environment import DATA_MD5, GIT_CLEAN, GIT_COMMIT, PIPELINE_RUN
from attune.errors import AttuneError
from attune.params import Params

LOCK = "dvc.lock"
_STATUS = ("--no-optional-locks", "status", "--porcelain", "-z", "--no-renames", "--untracked-files=all", "--", ".")
"""Without the lock of git's index: a user may be committing at the same moment, which would fail."""


class Git(NamedTuple):
    """The checked-out commit, and the files that differ from it; None where git does not tell."""

    commit: str | None
    changed: tuple[str, ...] | None


def tags(params: Params, metrics: Metrics, folder: Path) -> dict[str, str]:
    """Return the lineage of a version, text by name; structured values are JSON. Unknown facts are left out.

    Args:
        params: all parameters of the run.
        metrics: written by `attune evaluate`.
        folder: the working directory, which may contain `dvc.lock` and be in a git repository.

    Raises:
        AttuneError: the registered system has no scores, `dvc.lock` is damaged, or git refuses another user's checkout.
    """
    _check_trusted(folder)
    git, data = git_state(folder), data_md5(folder)
    facts = {
        names.VERSION: __version__,
        names.GIT_COMMIT: git.commit,
        names.GIT_CLEAN: None if git.changed is None else not git.changed,
        names.GIT_CHANGED: list(git.changed) if git.changed else None,
        names.DVC: data or None,
        names.PARAMS: params.model_dump(mode="json", by_alias=True),
        names.PROTOCOL: params.protocol,
        names.SYSTEM: params.register_.system,
        names.FOLDS: list(params.folds),
        names.SEEDS: seeds(params),
        names.SCORES: metrics.partitions(params.register_.system),
        names.PIPELINE_RUN: os.environ.get(PIPELINE_RUN) or None,
    }
    return {
        name: fact if isinstance(fact, str) else json.dumps(fact) for name, fact in facts.items() if fact is not None
    }


def seeds(params: Params) -> dict[str, int]:
    """Return every seed among the parameters, by section."""
    return {
        "corpus.synthetic": params.corpus.synthetic.seed,
        "train": params.train.seed,
        "evaluate": params.evaluate.seed,
        "attention": params.attention.seed,
    }


def git_of(facts: Mapping[str, str]) -> Git:
    """Return what `tags` found of git, which may have another commit by now."""
    clean = facts.get(names.GIT_CLEAN)
    changed = None if clean is None else tuple(json.loads(facts.get(names.GIT_CHANGED, "[]")))
    return Git(facts.get(names.GIT_COMMIT), changed)


def git_state(folder: Path) -> Git:
    """Return the commit and the files below `folder` that differ from it, except those that the graph itself writes."""
    commit = _git(folder, "rev-parse", "HEAD")
    if commit is None:
        clean = os.environ.get(GIT_CLEAN)
        changed = None if clean is None else () if clean == "true" else ("unknown",)
        return Git(os.environ.get(GIT_COMMIT) or None, changed)
    prefix = (_git(folder, "rev-parse", "--show-prefix") or "").strip()
    status = _git(folder, *_STATUS)
    if status is None:
        return Git(commit.strip(), None)
    paths = (entry[3:].removeprefix(prefix) for entry in status.split("\0") if entry)
    written = _written(folder)
    return Git(commit.strip(), tuple(path for path in paths if not _below(path, written)))


def _check_trusted(folder: Path) -> None:
    done = _run_git(folder, "rev-parse", "HEAD")
    if done and "safe.directory" in done.stderr:
        what = "git does not read this checkout, which belongs to another user, so that the commit is not known"
        command = done.stderr.split("\n")[-2].strip()  # names the checkout
        raise AttuneError(what, where=folder.absolute(), remedy=f"If you trust whoever it belongs to: {command}")


def _git(folder: Path, *arguments: str) -> str | None:
    done = _run_git(folder, *arguments)
    return done.stdout if done and done.returncode == 0 else None


def _run_git(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str] | None:
    try:
        return subprocess.run(
            ["git", *arguments],
            cwd=folder,
            capture_output=True,
            encoding="utf-8",
            errors="backslashreplace",
            timeout=30,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired):
        return None


def _written(folder: Path) -> set[str]:
    """Return what a run writes, so that running does not count as a change: DVC's lock file and every output in it."""
    return {LOCK, "reports"} | {entry["path"] for stage in _stages(folder).values() for entry in stage.get("outs", [])}


def _below(path: str, folders: set[str]) -> bool:
    return path in folders or any(str(parent) in folders for parent in Path(path).parents)


def data_md5(folder: Path) -> dict[str, str]:
    """Return DVC's md5 of everything the graph reads and writes, by path: data, models, predictions, reports, code.

    Raises:
        AttuneError: `dvc.lock` cannot be read, or ATTUNE_DATA_MD5 is not JSON.
    """
    given = os.environ.get(DATA_MD5)
    if given:
        return _parse_given(given)
    return dict(sorted((entry["path"], entry["md5"]) for entry in _entries(folder) if "md5" in entry))


def _parse_given(text: str) -> dict[str, str]:
    try:
        return {str(path): str(md5) for path, md5 in json.loads(text).items()}
    except (json.JSONDecodeError, AttributeError):
        raise AttuneError("is not a JSON object of path to md5", where=DATA_MD5) from None


def _entries(folder: Path) -> Iterator[dict[str, Any]]:
    for stage in _stages(folder).values():
        yield from stage.get("deps", [])
        yield from stage.get("outs", [])


def _stages(folder: Path) -> dict[str, Any]:
    path = folder / LOCK
    if not path.exists():
        return {}
    try:
        return _parsed(path.read_bytes())
    except (YAMLError, OSError, ValueError, AttributeError) as error:
        raise AttuneError(f"cannot be read ({error})", where=path, remedy="Restore it from git.") from None


@lru_cache(maxsize=2)
def _parsed(lock: bytes) -> dict[str, Any]:
    """Read many times while a model is registered; YAML in pure Python would take half a second each. All are texts."""
    return dict((yaml.load(lock, yaml.CBaseLoader) or {}).get("stages") or {})
