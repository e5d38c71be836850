"""What came out of a comparison, in sentences that claim no more than the seeds support."""

import math
from collections.abc import Iterable, Mapping, Sequence
from typing import Protocol

from keras_mtkd.experiments.evidence import Difference
from keras_mtkd.experiments.methods import SINGLE

# What a reader asks a distilled student to beat, besides the single-task models.
_PLAIN, _PLAIN_TITLE = "uniform", "plain multi-task learning"
# More names than that are counted.
_MOST_NAMES = 3


class Judged(Protocol):
    """What is read of a comparison."""

    methods: list[str]

    def difference(self, one: str, other: str) -> Difference:
        """How much larger the Δ_MTL of one is."""

    def mean_change(self, method: str) -> tuple[float, float]:
        """Mean Δ_MTL and its standard error."""

    def title_of(self, method: str) -> str:
        """The name of a method."""

    def base_title(self) -> str:
        """What changes are relative to."""


def ranking(comparison: Judged) -> list[str]:
    """The multi-task methods by their mean Δ_MTL, the largest first; one that diverged is last."""
    students = [method for method in comparison.methods if method != SINGLE]

    def place(method: str) -> float:
        mean, _ = comparison.mean_change(method)
        return mean if math.isfinite(mean) else -math.inf

    return sorted(students, key=place, reverse=True)


def level_with_first(comparison: Judged, ranked: Sequence[str]) -> list[str]:
    """The methods that the seeds cannot tell from the first one; those that diverged are none."""
    first, *others = ranked
    return [
        other
        for other in others
        if math.isfinite(comparison.mean_change(other)[0])
        and not comparison.difference(first, other).clear
    ]


def best_of(comparison: Judged) -> str | None:
    """The method that is better than every other one as far as the seeds support that."""
    ranked = ranking(comparison)
    if len(ranked) < 2 or not math.isfinite(comparison.mean_change(ranked[0])[0]):
        return None
    if comparison.difference(ranked[0], SINGLE).seeds < 2:
        return None
    return None if level_with_first(comparison, ranked) else ranked[0]


def verdict_of(comparison: Judged) -> str:
    """Which method is the best, if that can be told, and how it is against base and plain training.

    Plain multi-task learning (`uniform`) is asked for as far as it is compared; the base always is.
    """
    ranked = ranking(comparison)
    if not ranked or not math.isfinite(comparison.mean_change(ranked[0])[0]):
        return ""
    return f"{_among(comparison, ranked)} {_against(comparison, ranked)}".strip()


def _among(comparison: Judged, ranked: Sequence[str]) -> str:
    first, *others = ranked
    if not others:
        return ""
    title = comparison.title_of(first)
    if best_of(comparison) == first:
        gap = comparison.difference(first, others[0])
        if not math.isfinite(comparison.mean_change(others[0])[0]):
            return f"{title} is the best; the others diverged."
        return (
            f"{title} is the best: {_signed(gap.mean)}{_spread(gap.se)} over "
            f"{_named(comparison, others[0])}, the next, on {gap.seeds} seeds."
        )
    level = level_with_first(comparison, ranked)
    seeds = comparison.difference(first, (level or others)[0]).seeds
    names = [title, *map(comparison.title_of, level)]
    if len(names) > _MOST_NAMES + 1:
        names = [*names[:_MOST_NAMES], f"{len(names) - _MOST_NAMES} others"]
    together = f"{', '.join(names[:-1])} and {names[-1]}"
    if seeds < 2:
        return f"One seed cannot tell which method is the best; the largest Δ_MTL has {title}."
    return f"{seeds} seeds do not tell {together} apart."


def _named(comparison: Judged, method: str) -> str:
    """Its title, with what it is if all others are held against it."""
    title = comparison.title_of(method)
    return f"{title} ({_PLAIN_TITLE})" if method == _PLAIN else title


def _against(comparison: Judged, ranked: Sequence[str]) -> str:
    """The first one against the base and, unless that is said already, plain training."""
    first = ranked[0]
    mean, se = comparison.mean_change(first)
    title, base = comparison.title_of(first), comparison.base_title()
    told = [f"{title}: Δ_MTL {_signed(mean)}{_spread(se)} % against {base}"]
    gaps = [comparison.difference(first, SINGLE)]
    if _PLAIN in ranked[1:] and (best_of(comparison) != first or ranked[1] != _PLAIN):
        gap = comparison.difference(first, _PLAIN)
        # Of one that diverged there is none.
        if math.isfinite(gap.mean):
            told.append(f"{_signed(gap.mean)}{_spread(gap.se)} over {_PLAIN_TITLE}")
            gaps.append(gap)
    judged = [_judged(gap) for gap in gaps]
    if judged[1:] == judged[:1]:
        said = f"{' and '.join(told)}, {_judged(gaps[0], both=True)}"
    else:
        said = "; ".join(f"{value}, {each}" for value, each in zip(told, judged, strict=True))
    few = any(gap.seeds == 2 and not gap.clear for gap in gaps)
    return f"{said}{'; take three or more' if few else ''}."


def _judged(gap: Difference, both: bool = False) -> str:
    """What the seeds say of a difference, or of two of which they say the same."""
    if gap.seeds < 2:
        return "on one seed"
    if not gap.clear:
        of = "differences" if both else "a difference"
        if gap.seeds == 2:
            return f"{of} that two seeds are too few to tell from chance"
        return f"{of} that {gap.seeds} seeds do not tell from none"
    kind = ("gain", "gains") if gap.mean > 0 else ("loss", "losses")
    return f"both clear {kind[1]}" if both else f"a clear {kind[0]}"


def whose_teachers(own: Sequence[str], tasks: Iterable[str]) -> str:
    """Which teachers were given and which trained for the comparison; empty if all were trained.

    Args:
        own: The tasks whose teachers were given.
        tasks: All tasks.

    Examples:
        >>> whose_teachers(["left"], ["left", "right", "sum"])
        'Teachers: left given; right, sum trained here.'
    """
    if not own:
        return ""
    trained = [task for task in tasks if task not in own]
    if not trained:
        return "Teachers: all given."
    return f"Teachers: {', '.join(own)} given; {', '.join(trained)} trained here."


def sizes(parameters: Mapping[str, float], milliseconds: Mapping[str, float], method: str) -> str:
    """What a method's student costs beside the single-task models; empty where it is not known.

    Args:
        parameters: `{method: parameters}`.
        milliseconds: `{method: time of a prediction}`.
        method: The method.
    """
    told: list[str] = []
    for unit, known, digits in (
        ("parameters", parameters, 0),
        ("ms a prediction", milliseconds, 2),
    ):
        mine, theirs = known.get(method, math.nan), known.get(SINGLE, math.nan)
        if math.isfinite(mine) and math.isfinite(theirs) and theirs > 0:
            share = f"{100 * mine / theirs:.0f} %"
            told.append(f"{mine:,.{digits}f} {unit}, {share} of {theirs:,.{digits}f}")
    return f"Its student has {', and takes '.join(told)}." if told else ""


def _signed(value: float) -> str:
    rounded = round(value, 1) or 0.0
    return f"{'+' if rounded > 0 else ''}{rounded:.1f}".replace("-", "−")


def _spread(se: float) -> str:
    return f" ±{se:.1f}" if math.isfinite(se) else ""
