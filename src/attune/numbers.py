"""Format numbers for people: percentages, intervals and counts, with typographic signs."""

from collections.abc import Mapping
from typing import NamedTuple

MINUS, DASH, THIN, FIXED_SPACE = "\u2212", "\u2013", "\u202f", "\u00a0"

NO_INTERVAL = "no interval"


class Score(NamedTuple):
    """A score with its interval and the number of utterances behind it; the interval may be missing."""

    value: float
    low: float | None
    high: float | None
    n: int | None

    @classmethod
    def of(cls, entry: dict[str, float | None]) -> "Score":
        """Make a score from an entry of metrics.json: ``{"value": 0.58, "low": 0.52, "high": 0.64, "n": 480}``.

        Raises:
            ValueError: it has no value, half an interval, or text among its numbers.
        """
        value, low, high, n = numbers = [entry.get(name) for name in cls._fields]
        if value is None or (low is None) != (high is None):
            raise ValueError("a score without a value, or with half an interval")
        if not all(number is None or isinstance(number, int | float) for number in numbers):
            raise ValueError("a score that is no number")
        return cls(value, low, high, None if n is None else int(n))


def fixed(value: float, digits: int) -> str:
    """Format a number with a fixed number of digits and a typographic minus sign; never a negative zero.

    >>> fixed(-0.314, 2), fixed(-0.0001, 2)
    ('−0.31', '0.00')
    """
    text = f"{value:.{digits}f}"
    if float(text) == 0:
        return text.lstrip("-")
    return text.replace("-", MINUS)


def listed(things: list[str], word: str = "and") -> str:
    """Join items with commas, and with a word before the last.

    >>> listed(["low", "middle", "high"], "or")
    'low, middle or high'
    """
    return things[0] if len(things) == 1 else f"{', '.join(things[:-1])} {word} {things[-1]}"


def percent(share: float) -> str:
    """Format a share in percent, without the percent sign.

    >>> percent(0.583)
    '58.3'
    """
    return fixed(100 * share, 1)


def spread(low: float | None, high: float | None, digits: int) -> str:
    """Format an interval; empty if there is none.

    >>> spread(0.5, 0.61, 2), spread(-0.1, 0.1, 2)
    ('0.50–0.61', '−0.10 to 0.10')
    """
    if low is None or high is None:
        return ""
    return joined(fixed(low, digits), fixed(high, digits))


def joined(low: str, high: str) -> str:
    """Join the ends of an interval: with a dash, or with ``to`` if one has a minus sign."""
    return (" to " if MINUS in low + high else DASH).join((low, high))


def signed(value: float, digits: int) -> str:
    """Format a difference, with its sign.

    >>> signed(0.314, 2), signed(-0.314, 2), signed(0.001, 2)
    ('+0.31', '−0.31', '0.00')
    """
    text = fixed(value, digits)
    return text if text.startswith(MINUS) or float(text) == 0 else f"+{text}"


def percent_spread(low: float | None, high: float | None) -> str:
    """Format an interval of shares in percent.

    >>> percent_spread(0.5, 0.61)
    '50.0–61.0'
    """
    return spread(low and 100 * low, high and 100 * high, 1) if low is not None and high is not None else ""


def percentage(share: float, digits: int = 1) -> str:
    """Format a share in percent, with the percent sign after a non-breaking space.

    >>> percentage(0.583).split()
    ['58.3', '%']
    """
    return f"{fixed(100 * share, digits)}{FIXED_SPACE}%"


def level(confidence: float) -> str:
    """Format the confidence of intervals, with as many digits as it has.

    >>> level(0.95).split(), level(0.999).split()
    (['95', '%'], ['99.9', '%'])
    """
    return f"{100 * confidence:g}{FIXED_SPACE}%"


def interval(entry: Mapping[str, float], digits: int = 2) -> str:
    """Format a value with its interval; with more digits if an end would wrongly seem to be zero.

    >>> interval({"value": 0.93, "low": 0.92, "high": 0.94}), interval({"value": 0.02, "low": 0.001, "high": 0.04})
    ('0.93 (0.92–0.94)', '0.020 (0.001–0.040)')
    """
    shown = _digits(entry, digits)
    return f"{fixed(entry['value'], shown)} ({_ends(entry, shown)})"


def percent_interval(entry: Mapping[str, float]) -> str:
    """Format a share with its interval in percent.

    >>> percent_interval({"value": 0.583, "low": 0.521, "high": 0.644}).split()
    ['58.3', '%', '(52.1–64.4)']
    """
    percents = _percents(entry)
    shown = _digits(percents, 1)
    return f"{fixed(percents['value'], shown)}{FIXED_SPACE}% ({_ends(percents, shown)})"


def points(entry: Mapping[str, float]) -> str:
    """Format a difference of shares in percentage points, with its interval; it is none if resamples do not vary.

    >>> points({"value": 0.033, "low": 0.012, "high": 0.054})
    '3.3 points (1.2–5.4)'
    >>> points({"value": 0.0, "low": 0.0, "high": 0.0})
    '0.0 points (no interval)'
    """
    percents = _percents(entry)
    shown = _digits(percents, 1)
    return f"{fixed(percents['value'], shown)} points ({_ends(percents, shown)})"


def _percents(entry: Mapping[str, float]) -> dict[str, float]:
    return {name: 100 * entry[name] for name in ("value", "low", "high")}


def _digits(entry: Mapping[str, float], digits: int) -> int:
    """Return enough digits to see on which side of zero an interval is, but at most three more than usual."""
    beside = min(abs(entry["low"]), abs(entry["high"])) if entry["low"] * entry["high"] > 0 else 1.0
    return next((more for more in range(digits, digits + 3) if float(f"{beside:.{more}f}")), digits + 3)


def _ends(entry: Mapping[str, float], digits: int) -> str:
    return NO_INTERVAL if entry["low"] == entry["high"] else spread(entry["low"], entry["high"], digits)


def p_value(p: float) -> str:
    """Format a p value to three decimals.

    >>> p_value(0.0312), p_value(1e-6)
    ('p = 0.031', 'p < 0.001')
    """
    return f"p = {p:.3f}" if p >= 0.0005 else "p < 0.001"


def counted(number: int, thing: str) -> str:
    """Format a count with its noun.

    >>> counted(1, "utterance"), counted(0, "utterance")
    ('1 utterance', '0 utterances')
    """
    return f"{count(number)} {thing}{'' if number == 1 else 's'}"


def networks(folds: int) -> str:
    """Describe a model that consists of the networks of so many folds.

    >>> networks(5), networks(1)
    ('the mean of 5 folds', 'the model of one fold')
    """
    return "the model of one fold" if folds == 1 else f"the mean of {count(folds)} folds"


def count(number: float) -> str:
    """Format a count with thin spaces between thousands.

    >>> count(10039).split()
    ['10', '039']
    """
    return f"{int(number):,}".replace(",", THIN)
