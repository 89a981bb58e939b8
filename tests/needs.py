"""What a test needs of the machine: skipped with the reason where it is missing, failed where CI promises it."""

import os
from importlib import import_module
from types import ModuleType
from typing import NoReturn

import pytest


def missing(reason: str) -> NoReturn:
    """Skip the test; under CI=true fail it, so that nothing CI can run goes unrun in silence."""
    if os.environ.get("CI") == "true":
        pytest.fail(f"CI must have it: {reason}")
    pytest.skip(reason)


def package(name: str) -> ModuleType:
    """An optional package of requirements.lock."""
    try:
        return import_module(name)
    except ImportError:
        missing(f"{name} is not installed (make setup)")
