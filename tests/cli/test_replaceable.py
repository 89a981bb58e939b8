"""What may be written over, while another command writes over it too."""

import os

from attune.cli.options import replaceable
from attune.storage.files import whole_folder
from attune.storage.sums import enter


def test_a_folder_that_another_command_replaces_meanwhile_is_still_known_as_ours(tmp_path, monkeypatch):
    out, look, looks = tmp_path / "out", os.stat, []

    def write():
        with whole_folder(out) as folder:
            (folder / "metrics.json").write_text("{}")
            enter(folder / "metrics.json")

    def looked(path, **how):
        if str(path).startswith(f"{out}/") and not looks:
            looks.append(out.rename(tmp_path / "old"))  # on its way to what it is replaced by
            try:
                return look(path, **how)
            finally:
                write()
        return look(path, **how)

    write()
    monkeypatch.setattr(os, "stat", looked)
    assert replaceable(None, None, out) == out
    assert looks
