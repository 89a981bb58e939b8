"""The only error type that users see: what is wrong, where, and what to do about it."""

from attune.visible import on_a_line, visible


class AttuneError(Exception):
    """Bad input. Printed by the command line as one message, without a traceback.

    Args:
        what: what is wrong, one sentence without the final full stop.
        where: the file, ``file:line``, parameter or address it is about.
        remedy: what the reader can do, one sentence.
        passes: whether the fault is transient, such as a server that does not answer.
    """

    def __init__(self, what: str, *, where: object = None, remedy: str | None = None, passes: bool = False) -> None:
        self.what, self.where, self.passes = visible(what), where, passes
        self.remedy = visible(remedy) if remedy else None
        place = f"{on_a_line(where)}: " if where is not None else ""
        advice = f"\n  {self.remedy}" if remedy else ""
        super().__init__(f"{place}{self.what}{advice}")

    def on_one_line(self) -> str:
        """Return the whole message on one line, for a table or list: where, what and, after a semicolon, what to do."""
        message = " ".join(str(self).split())
        if not self.remedy:
            return message
        advice = " ".join(self.remedy.split())
        first = advice[0].lower() if advice[1:2].islower() else advice[0]
        return f"{message.removesuffix(advice).rstrip()}; {first}{advice[1:].removesuffix('.')}"
