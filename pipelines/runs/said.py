"""What our code said, among the lines of Kubeflow's launcher and Argo's executor in the same log."""

import re
from collections.abc import Iterable, Iterator

KLOG = re.compile(r"[IWEF]\d{4} \d\d:\d\d:\d\d\.\d+\s+\d+ [\w./-]+:\d+\] ")
EMISSARY = re.compile(r'(time="?\S+.* )?level=\w+ msg=|time="?\d{4}-\d\d-\d\dT\S+ level=')
EXIT = re.compile(r"(Error: )?exit status \d+")
STACKS = re.compile(r"goroutine \d+ \[")
ERROR = "error: "
"""How our command line begins its one message."""


def ours(lines: Iterable[str]) -> Iterator[str]:
    """Lines without those of the machinery; what it prints over several lines goes as a whole."""
    inside = False
    for line in lines:
        if inside:
            inside = line != "}"
        elif KLOG.match(line):
            inside = line.endswith("{")
        elif STACKS.match(line):  # a dying launcher's; nothing of ours follows
            return
        elif not EMISSARY.match(line) and not EXIT.fullmatch(line):
            yield line


def last_words(text: str) -> str:
    """The last thing our code said: its error message without the advice, or its last line; empty if it never spoke."""
    spoken = [line for line in ours(text.splitlines()) if line.strip()]
    for line in reversed(spoken):
        if line.startswith(ERROR):
            return line.removeprefix(ERROR)
    return spoken[-1].strip() if spoken else ""


def last_complaint(text: str) -> str:
    """The last error of the machinery, where only it spoke."""
    complaints = [line for line in text.splitlines() if line[:1] in "EF" and KLOG.match(line)]
    return KLOG.sub("", complaints[-1]) if complaints else ""
