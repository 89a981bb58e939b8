"""The rest of a version's lineage, in a file of its run."""

from types import SimpleNamespace

from attune import tags
from attune.registry import lineage_file, run_files


def test_what_is_downloaded_to_read_it_does_not_stay(monkeypatch):
    downloaded = []

    def fetch(client, run_id, path, into):
        downloaded.append(into / path)
        downloaded[0].parent.mkdir()
        downloaded[0].write_text('{"attune.params": "{}"}')
        return downloaded[0]

    monkeypatch.setattr(run_files, "fetch", fetch)
    version = SimpleNamespace(tags={tags.LINEAGE: "runs:/1/lineage/lineage.json"})
    assert lineage_file.read(None, version)[tags.PARAMS] == "{}"
    assert [file.exists() for file in downloaded] == [False]
