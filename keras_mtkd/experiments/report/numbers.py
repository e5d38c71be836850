"""Numbers for readers: signs, spreads and round ticks."""

import math


def number(value: float, digits: int, signed: bool = False) -> str:
    """A number with a real minus sign, a zero without sign; a dash where there is none.

    Examples:
        >>> number(-4.04, 1), number(2.0, 1, signed=True), number(float("nan"), 1)
        ('−4.0', '+2.0', '–')
    """
    if not math.isfinite(value):
        return "–"
    value = round(value, digits)
    sign = "+" if signed and value > 0 else ""
    return f"{sign}{value or 0.0:.{digits}f}".replace("-", "−")


def with_spread(mean: float, spread: float, digits: int, signed: bool = False) -> str:
    """Mean ± standard error, the latter left out where it is not known.

    Examples:
        >>> with_spread(0.5, 0.01, 2), with_spread(0.5, float("nan"), 2)
        ('0.50 ±0.01', '0.50')
    """
    text = number(mean, digits, signed)
    return f"{text} ±{spread:.{digits}f}" if math.isfinite(spread) else text


def ticks(low: float, high: float, most: int = 5) -> list[float]:
    """Round values between two bounds, at most so many.

    Examples:
        >>> ticks(-23.0, 4.0)
        [-20.0, -15.0, -10.0, -5.0, 0.0]
    """
    width = high - low
    if not (math.isfinite(width) and width > 0):
        return [low] if math.isfinite(low) else []
    power = 10.0 ** math.floor(math.log10(width / most))
    for step in (power * factor for factor in (1, 2, 5, 10, 20)):
        first, last = math.ceil(low / step), math.floor(high / step)
        if last - first < most:
            break
    return [round(place * step, 10) for place in range(first, last + 1)]
