"""Not registering again what is registered: a schedule without new data ends with the version that is there."""

import hashlib
import json
from collections.abc import Callable, Sequence
from pathlib import Path

import click

from attune import params as parameters
from attune.files import whole_file

MADE_OF = "attune.made_of"
"""Tag of a version: a digest of the networks, their scores, and the parameters."""
WEIGHTS = "model.safetensors"


def unless_registered(arguments: Sequence[str], data_version: str, register: Callable[[], str]) -> str:
    """Run `attune register` with these arguments, unless a version made of the same is there; then name that one.

    Raises:
        AttuneError: as `attune register`.
    """
    from attune.tracking import address
    from attune.tracking import client as tracking
    from attune.tracking.faults import answering

    given = dict(zip(arguments[1::2], arguments[2::2], strict=True))
    name, digest = parameters.load(given["--params"]).register_.name, made_of(arguments, data_version)
    client, out = tracking.connect(), Path(given["--out"])
    with answering():
        found = client.search_model_versions(f"name = '{name}' and tag.`{MADE_OF}` = '{digest}'")
    if found:
        newest = max(found, key=lambda version: int(version.version))
        registered = {
            **{"name": name, "version": str(newest.version), "run_id": newest.run_id or ""},
            "tracking_uri": address.shown(),
        }
        with whole_file(out) as file:
            file.write_text(json.dumps(registered, indent=2) + "\n", encoding="utf-8")
        click.echo(f"registered already, made of the same: {name} version {newest.version}")
        return ""
    done = register()
    version = json.loads(out.read_text(encoding="utf-8"))["version"]
    with answering():
        client.set_model_version_tag(name, version, MADE_OF, digest)
    return done


def made_of(arguments: Sequence[str], data_version: str) -> str:
    """What identifies a version: its data, parameters, scores, and the weights of all networks."""
    digest = hashlib.sha256(data_version.encode())
    pairs = list(zip(arguments[1::2], arguments[2::2], strict=True))
    for option, value in pairs:
        if option == "--params":
            digest.update(json.dumps(json.loads(value), sort_keys=True).encode())
        elif option == "--metrics":
            digest.update(Path(value).read_bytes())
    for model in sorted(hashlib.sha256((Path(path) / WEIGHTS).read_bytes()).digest() for _, path in _models(pairs)):
        digest.update(model)
    return digest.hexdigest()


def _models(pairs: Sequence[tuple[str, str]]) -> list[tuple[str, str]]:
    return [pair for pair in pairs if pair[0] == "--models"]
