"""The execution open in a folder, which a registration closes at any moment."""

from pathlib import Path

from attune import environment
from attune.tracking.sending import execution


def test_one_that_is_closed_while_it_is_looked_up_is_followed_by_another(tmp_path, monkeypatch):
    for name in (environment.PIPELINE_RUN, environment.MLFLOW_RUN):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv(environment.SPOOL, str(tmp_path))
    first = execution.current()
    assert execution.current() == first
    read = Path.read_text

    def closed_before(path, **how):
        execution.close()
        return read(path, **how)

    monkeypatch.setattr(Path, "read_text", closed_before)
    assert execution.current() != first
