"""Findings as answers to questions."""

from collections.abc import Sequence

from attune.findings import Finding


def by_task(findings: Sequence[Finding], kinds: Sequence[str]) -> dict[str, list[str]]:
    """Return the sentences of these kinds by task, in the order of the findings."""
    chosen = [finding for finding in findings if finding.kind in kinds]
    tasks = dict.fromkeys(str(finding.task) for finding in chosen)
    return {task: [one.sentence for one in chosen if one.task == task] for task in tasks}
