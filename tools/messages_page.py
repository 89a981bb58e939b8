"""Generate docs/messages.md from the places in the code where its messages are raised.

`make generate` writes the page; a test checks that it matches the code.
"""

import ast
from collections.abc import Iterator, Mapping
from itertools import product
from pathlib import Path
from typing import NamedTuple

REPOSITORY = Path(__file__).parent.parent
PAGE = REPOSITORY / "docs/messages.md"
SOURCE = REPOSITORY / "src/attune"
_FILES = "Files of the graph, and what DVC knows of them"
SECTIONS = {
    "MLflow: the server, its database, its runs": ("tracking",),
    "Registered versions": ("registry", "cli/models"),
    "Promotion, history, comparison": ("promotion",),
    "What a version makes of audio": ("served",),
    "Lists, tables and the server": ("serving",),
    "S3 and other places of files": ("storage/addresses.py", "storage/faults.py", "storage/object_store.py"),
    _FILES: ("artifacts", "storage/sums.py", "storage/files.py", "lineage.py"),
}
_OTHERWISE = {_FILES: "Run the step again that wrote it (the message says which), or restore it: `dvc checkout`."}
_ERRORS = ("AttuneError", "RunGoneError", "TooLong", "Fault")
_FUNCTION = ast.FunctionDef | ast.AsyncFunctionDef
_OPEN = "..."
_BEGINNING = """# Messages

Every message about MLflow, registered versions, scoring, serving, S3 and the graph's files that ends a command, and
what to do about it. `...` stands for what is named: a version, a file, an address. A message begins with where: the
file, parameter or address that it is about. [troubleshooting.md](troubleshooting.md) says more about MLflow, S3 and
DVC. This page is made by `make generate`.
"""


class Message(NamedTuple):
    """A message and its remedy; `...` stands for inserted values."""

    what: str
    remedy: str


def page() -> str:
    """Return the whole text of docs/messages.md."""
    parts = [_BEGINNING]
    for title, places in SECTIONS.items():
        parts.append(f"\n## {title}\n\n| message | what to do |\n|---|---|\n")
        said = dict.fromkeys(message for place in places for path in _files(place) for message in messages(path))
        parts += [f"| {_cell(one.what)} | {_cell(one.remedy or _OTHERWISE.get(title, ''))} |\n" for one in said]
    return "".join(parts)


def messages(path: Path) -> Iterator[Message]:
    """Yield the messages of one module, in order, except those that only pass another's on."""
    module = ast.parse(path.read_text(encoding="utf-8"))
    constants = dict(_assigned(module.body))
    for scope in [module, *(node for node in ast.walk(module) if isinstance(node, _FUNCTION))]:
        known = _known(scope, constants)
        for call in _calls(scope):
            keywords = {word.arg: word.value for word in call.keywords}
            what = call.args[0] if call.args else keywords["what"]
            remedy = call.args[2] if len(call.args) > 2 else keywords.get("remedy")
            for text in _texts(what, known):
                if text.replace(_OPEN, "").strip(" ():;,."):
                    advice = " / ".join(_texts(remedy, known)) if remedy else ""
                    yield Message(text, "" if advice == _OPEN else advice)


def _files(place: str) -> list[Path]:
    path = SOURCE / place
    return [path] if path.is_file() else sorted(path.rglob("*.py"))


def _calls(scope: ast.AST) -> Iterator[ast.Call]:
    """Yield the calls of error classes in this scope itself, not in functions nested in it."""
    for node in ast.iter_child_nodes(scope):
        if isinstance(node, _FUNCTION):
            continue
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in _ERRORS:
            yield node
        yield from _calls(node)


def _assigned(nodes: list[ast.stmt]) -> Iterator[tuple[str, ast.expr]]:
    for node in nodes:
        if isinstance(node, ast.Assign):
            for target in node.targets:
                if isinstance(target, ast.Name):
                    yield target.id, node.value
                elif isinstance(target, ast.Tuple) and isinstance(node.value, ast.Tuple):
                    yield from ((name.id, value) for name, value in zip(target.elts, node.value.elts, strict=False)
                                if isinstance(name, ast.Name))  # fmt: skip


def _known(scope: ast.AST, constants: Mapping[str, ast.expr]) -> dict[str, list[ast.expr]]:
    """Return the possible values of each name: a constant of the module, or the function's assignments to it."""
    known = {name: [value] for name, value in constants.items()}
    if isinstance(scope, _FUNCTION):
        own: dict[str, list[ast.expr]] = {}
        for name, value in _assigned([node for node in ast.walk(scope) if isinstance(node, ast.stmt)]):
            own.setdefault(name, []).append(value)
        known |= own
    return known


def _texts(node: ast.expr, known: Mapping[str, list[ast.expr]], depth: int = 0) -> list[str]:
    """Return every text to which an expression may evaluate."""
    match node:
        case ast.Constant(value=value):
            return [str(value)] if value is not None else [""]
        case ast.JoinedStr(values=parts):
            return _joined([_texts(part, known, depth) for part in parts])
        case ast.FormattedValue(value=inner):
            return _texts(inner, known, depth)
        case ast.BinOp(left=left, op=ast.Add(), right=right):
            return _joined([_texts(left, known, depth), _texts(right, known, depth)])
        case ast.IfExp(body=body, orelse=other):
            return [*_texts(body, known, depth), *_texts(other, known, depth)]
        case ast.Name(id=name) if name in known and depth < 4:
            return [text for value in known[name] for text in _texts(value, known, depth + 1)]
    return [_OPEN]


def _joined(parts: list[list[str]]) -> list[str]:
    texts = ["".join(chosen) for chosen in product(*parts)]
    return list(dict.fromkeys(texts))


def _cell(text: str) -> str:
    line = " ".join(text.split()).replace("|", "\\|").replace("<", "&lt;")
    while _OPEN + _OPEN in line:
        line = line.replace(_OPEN + _OPEN, _OPEN)
    return line


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
