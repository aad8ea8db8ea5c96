"""How numbers and intervals are written for reading."""

import math


def number(value, digits=3):
    """A number with `digits` significant digits and no exponent; a dash for NaN."""
    if math.isnan(value):
        return "–"
    if value == 0:
        return "0"
    decimals = max(0, digits - 1 - math.floor(math.log10(abs(value))))
    text = f"{value:.{decimals}f}"
    # Rounding may have added a digit: 0.9996 is 1.00, not 1.000.
    if decimals and len(text.lstrip("-0.").replace(".", "")) > digits:
        text = text[:-1]
    return text


def count(value):
    """An epoch or a number of updates; a median may fall between two."""
    return f"{value:.0f}" if value == round(value) else f"{value:.1f}"


def interval(value, low, high, write=number, last=None):
    """A value with its interval, such as "27 (25–30)".

    Args:
        value: the value; inf for later than the last epoch, NaN for none.
        low: lower limit; NaN without an interval.
        high: upper limit.
        write: writes one number.
        last: text of what infinite values are later than; without it they are written as
            unlimited.
    """

    def written(number):
        if math.isfinite(number):
            return write(number)
        if number < 0:
            return "-∞"
        return "∞" if last is None else f"> {last}"

    if math.isnan(value):
        return "–"
    if math.isnan(low) or low == math.inf:
        return written(value)
    to = " to " if math.isinf(low) or math.isinf(high) else "–"
    return f"{written(value)} ({written(low)}{to}{written(high)})"


def thousands(value):
    """A large whole number with its thousands apart."""
    return f"{value:,.0f}"


def percent(share):
    """A share in per cent; one that is not quite none or all is not rounded to it."""
    if 0 < share < 0.005:
        return "under 1%"
    if 0.995 < share < 1:
        return "over 99%"
    return f"{share:.0%}"


def enumerate_words(words):
    """ "4, 8 and 16"."""
    *most, last = words
    return f"{', '.join(most)} and {last}" if most else last


def measure_text(point, measure, write=number):
    """A measure of a row of the summary table with its limits; a time may be later than seen.

    Args:
        point: the row.
        measure: the column.
        write: writes one number.
    """
    value, low, high = (point[measure + end] for end in ("", "_low", "_high"))
    last = point.get(f"later_than_{measure}", math.nan)
    if math.isnan(last) and math.isinf(value):
        return "–"
    return interval(value, low, high, write, last=None if math.isnan(last) else write(last))
