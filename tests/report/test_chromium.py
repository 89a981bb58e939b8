"""Without a browser its tests are skipped aloud, but never where CI promises one."""

import chromium
import pytest


@pytest.fixture(autouse=True)
def no_browser(monkeypatch):
    monkeypatch.setattr(chromium, "NAMES", ("no-such-browser",))


def test_a_missing_browser_is_a_skip_with_its_reason(monkeypatch):
    monkeypatch.delenv("CI", raising=False)
    with pytest.raises(pytest.skip.Exception, match="no-such-browser is on the PATH"):
        chromium.require()


def test_in_ci_a_missing_browser_is_a_failure(monkeypatch):
    monkeypatch.setenv("CI", "true")
    with pytest.raises(pytest.fail.Exception, match="no-such-browser is on the PATH"):
        chromium.require()
