"""A group of commands that lists them in the order they were added, under headings."""

from collections.abc import Iterable

import click


class Ordered(click.Group):
    """Lists its commands in the order they were added, by section where sections were given."""

    def __init__(self, *args: object, **options: object) -> None:
        super().__init__(*args, **options)  # type: ignore[arg-type]
        self._sections: list[tuple[str, list[str]]] = []

    def add_section(self, heading: str, commands: Iterable[click.Command]) -> None:
        """Add `commands`, shown under `heading`."""
        added = list(commands)
        for command in added:
            self.add_command(command)
        self._sections.append((heading, [str(command.name) for command in added]))

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(self.commands)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        shown = {name: command for name in self.list_commands(ctx) if not (command := self.commands[name]).hidden}
        placed = {name for _, names in self._sections for name in names}
        rest = [name for name in shown if name not in placed]
        width = formatter.width - 6 - max(map(len, shown), default=0)
        for heading, names in [*self._sections, ("Commands", rest)]:
            rows = [(name, shown[name].get_short_help_str(width)) for name in names if name in shown]
            if rows:
                with formatter.section(heading):
                    formatter.write_dl(rows, col_max=max(map(len, shown)) + 2)
