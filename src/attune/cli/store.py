"""`attune store`: commands for the waveform store."""

from pathlib import Path

import click

_SHOWN = 20


@click.group()
def store() -> None:
    """The waveform store, written by `attune preprocess`."""


@store.command()
@click.argument("folder", type=click.Path(path_type=Path), default=Path("data/store"))
def verify(folder: Path) -> None:
    """Read all of a store and compare it with its checksums.

    FOLDER is data/store by default. Opening a store checks its index and sizes, and training checks every utterance it
    uses; this command checks all of them. Exits with code 1 and names the utterances if any are damaged.
    """
    from attune.artifacts.door import again, reading
    from attune.errors import AttuneError
    from attune.storage import sums
    from attune.terminal import tracked
    from attune.visible import on_a_line
    from attune.waveform.store import Store
    from attune.waveform.verification import damaged

    opened = Store(folder)
    for path in sums.listed(folder):
        with reading(path, "preprocess"):
            sums.check(path)
    found = damaged(opened, lambda names: tracked(names, "reading"))
    for one in found[:_SHOWN]:
        click.echo(on_a_line(f"{one.shard}: {one.utterance}: {one.why}"), err=True)
    if found:
        raise AttuneError(
            f"{len(found)} of {len(opened.index)} utterances are damaged", where=folder, remedy=again("preprocess")
        )
    hours = opened.index["samples"].sum() / opened.sample_rate / 3600
    click.echo(f"{on_a_line(folder)}: {len(opened.index)} utterances, {hours:.2f} h, every sample as it was stored")
