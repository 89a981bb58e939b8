"""Separate our code's output from the lines of Kubeflow's launcher and Argo's executor in the same log."""

import re
from collections.abc import Iterable, Iterator

KLOG = re.compile(r"[IWEF]\d{4} \d\d:\d\d:\d\d\.\d+\s+\d+ [\w./-]+:\d+\] ")
EMISSARY = re.compile(r'(time="?\S+.* )?level=\w+ msg=|time="?\d{4}-\d\d-\d\dT\S+ level=')
EXIT = re.compile(r"(Error: )?exit status \d+")
STACKS = re.compile(r"goroutine \d+ \[")
ERROR = "error: "
"""Prefix of our command line's error message."""


def ours(lines: Iterable[str]) -> Iterator[str]:
    """Yield the lines without those of the machinery, including its multi-line output."""
    inside = False
    for line in lines:
        if inside:
            inside = line != "}"
        elif KLOG.match(line):
            inside = line.endswith("{")
        elif STACKS.match(line):  # stack trace of a crashed launcher; nothing of ours follows
            return
        elif not EMISSARY.match(line) and not EXIT.fullmatch(line):
            yield line


def last_words(text: str) -> str:
    """Return our code's last message: its error without the remedy, or its last line; empty if it printed nothing."""
    spoken = [line for line in ours(text.splitlines()) if line.strip()]
    for line in reversed(spoken):
        if line.startswith(ERROR):
            return line.removeprefix(ERROR)
    return spoken[-1].strip() if spoken else ""


def last_complaint(text: str) -> str:
    """Return the last error of the machinery, for logs without output of our code."""
    complaints = [line for line in text.splitlines() if line[:1] in "EF" and KLOG.match(line)]
    return KLOG.sub("", complaints[-1]) if complaints else ""
