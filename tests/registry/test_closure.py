"""What a module needs is found whether it is imported by its whole name or from where the module is."""

import pytest

from attune.registry import closure


@pytest.mark.parametrize(
    ("module", "place", "line"),
    [
        ("attune.a", "a.py", "from attune.b import c"),
        ("attune.a", "a.py", "from .b.c import d"),
        ("attune.a", "a.py", "from .b import c"),
        ("attune.b", "b/__init__.py", "from . import c"),
        ("attune.b.e", "b/e.py", "def late():\n    from ..b import c"),
        ("attune.a", "a.py", "if TYPE_CHECKING:\n    import attune\nelse:\n    from attune.b import c"),
    ],
)
def test_an_import_is_followed(tmp_path, monkeypatch, module, place, line):
    (tmp_path / "attune/b").mkdir(parents=True)
    for name, text in {"__init__.py": "", "b/__init__.py": "", "b/c.py": "d = 1\n", place: f"{line}\n"}.items():
        (tmp_path / "attune" / name).write_text(text)
    monkeypatch.setattr(closure, "SOURCE", tmp_path)
    assert tmp_path / "attune/b/c.py" in closure.files([module])


@pytest.mark.parametrize("guard", ["TYPE_CHECKING", "typing.TYPE_CHECKING"])
def test_an_import_for_the_type_checker_is_not(tmp_path, monkeypatch, guard):
    (tmp_path / "attune").mkdir()
    for name, text in {"__init__.py": "", "a.py": f"if {guard}:\n    import attune.c\n", "c.py": ""}.items():
        (tmp_path / "attune" / name).write_text(text)
    monkeypatch.setattr(closure, "SOURCE", tmp_path)
    assert closure.files(["attune.a"]) == {tmp_path / "attune/__init__.py", tmp_path / "attune/a.py"}
