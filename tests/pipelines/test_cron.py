"""What is taken for a cron is what Kubeflow's scheduler reads (github.com/robfig/cron)."""

import pytest

from attune.errors import AttuneError
from pipelines.server.cron import check


@pytest.mark.parametrize(
    "cron",
    [
        *(
            "0 0 3 * * 1",
            "*/10 * * * * *",
            "0 30 2-4 1,15 * ?",
            "0 0 0 1 JAN-Jun Mon",
            "59 59 23 31 12 6",
            "5/15 * * * * *",
        ),
        *("0 0-30/5 * * * *", "  0  0 3 * *   1 ", "*,1 * * * * *"),
    ],
)
def test_what_the_scheduler_reads_is_accepted(cron):
    check(cron)


@pytest.mark.parametrize(
    ("cron", "field"),
    [
        ("a b c d e f", "'a' is no second"),
        ("60 0 3 * * 1", "'60' is no second"),
        ("0 0 \uff13 * * 1", "'\uff13' is no hour"),
        ("0 0 99 * * 1", "'99' is no hour"),
        ("0 0 3 0 * *", "'0' is no day of month"),
        ("0 0 3 * 13 *", "'13' is no month"),
        ("0 0 3 * * 7", "'7' is no day of week"),
        ("0 0 3 * * monday", "'monday' is no day of week"),
        ("0 0 5-2 * * *", "'5-2' is no hour"),
        ("0 0 1, * * *", "'1,' is no hour"),
        ("0 */0 * * * *", "is no minute"),
        ("0 -5 * * * *", "'-5' is no minute"),
        ("0 0 3 * * -", "is no day of week"),
        ("0 0 3 * * */", "is no day of week"),
        ("0 0 3 * *", "has 5 fields"),
        ("@weekly", "has 1 fields"),
    ],
)
def test_what_it_would_never_run_is_refused_with_the_field(cron, field):
    with pytest.raises(AttuneError, match="--cron: ") as caught:
        check(cron)
    assert field in str(caught.value)
