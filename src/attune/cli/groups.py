"""A command group that lists commands in the order they were added, under headings, and refuses empty arguments."""

from collections.abc import Iterable

import click


class Ordered(click.Group):
    """Lists its commands in the order they were added, by section if there are sections."""

    def __init__(self, *args: object, **options: object) -> None:
        super().__init__(*args, **options)  # type: ignore[arg-type]
        self._sections: list[tuple[str, list[str]]] = []

    def add_section(self, heading: str, commands: Iterable[click.Command]) -> None:
        """Add `commands`, shown under `heading`."""
        added = list(commands)
        for command in added:
            self.add_command(command)
        self._sections.append((heading, [str(command.name) for command in added]))

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """The same as click's, but refuse an empty argument, which as a path would mean the current folder."""
        name, command, rest = super().resolve_command(ctx, args)
        if command and not command.hidden and not isinstance(command, Ordered):
            _refuse_empty(rest, ctx)
        return name, command, rest

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


def _refuse_empty(args: list[str], ctx: click.Context) -> None:
    for place, argument in enumerate(args):
        option, equals, value = argument.partition("=")
        if option.startswith("--") and equals and not value.strip():
            ctx.fail(f"{option} is empty; was a variable not set?")
        if not argument.strip():
            before = args[place - 1] if place else ""
            named = f"what follows {before}" if before.startswith("-") else f"argument {place + 1}"
            ctx.fail(f"{named} is empty; was a variable not set?")
