"""What seeds say about differences between methods, and what they cannot say.

Methods of one seed share data, teachers and initial weights, so that differences are taken seed by
seed. One is clear if its mean is further from 0 than Student's t allows by chance: the 95 %
interval, mean ± t · standard error, leaves 0 out, with t = 4.3 for three seeds, 2.8 for five and 2
for many. On two none is: they may be alike by chance, with a standard error near 0. A method is the
best if its difference to every other one is clear.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

# Of two-sided 95 % intervals, for 1, 2, ... degrees of freedom.
_STUDENT = (12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262, 2.228)
_NORMAL = 1.95996
_FEWEST = 3


@dataclass(frozen=True)
class Difference:
    """How much larger one method's Δ_MTL is than another's, over the seeds that both have.

    Printed, it says whether that is clear.

    Args:
        mean: Mean difference, in percentage points.
        se: Its standard error; NaN for one seed.
        seeds: Number of seeds.
        wins: In how many of them it is above 0; `None` where single seeds are not known.

    Examples:
        >>> print(Difference.of([1.5, 2.5, 2.0]))
        +2.0 ±0.3 percentage points, ahead in 3 of 3 seeds, a clear difference
        >>> Difference.of([5.0])
        Difference(mean=5, se=nan, seeds=1, wins=1, clear=False)
    """

    mean: float
    se: float
    seeds: int
    wins: int | None = None

    @classmethod
    def of(cls, differences: Sequence[float] | np.ndarray) -> "Difference":
        """From the differences of single seeds."""
        wins = int((np.asarray(differences, "float64") > 0).sum())
        return cls(*mean_and_se(differences), len(differences), wins)

    @property
    def clear(self) -> bool:
        """Whether the seeds support that there is a difference; never on one or two seeds."""
        if self.seeds < _FEWEST:
            return False
        return self.mean != 0 and abs(self.mean) > student(self.seeds) * self.se

    def __repr__(self) -> str:
        values = f"mean={self.mean:.6g}, se={self.se:.6g}, seeds={self.seeds}, wins={self.wins}"
        return f"Difference({values}, clear={self.clear})"

    def __str__(self) -> str:
        rounded = round(self.mean, 1) or 0.0
        mean = f"{rounded:+.1f}" if rounded else "0.0"
        spread = f" ±{self.se:.1f}" if math.isfinite(self.se) else ""
        seeds = "one seed" if self.seeds == 1 else f"{self.seeds} seeds"
        on = f" on {seeds}"
        if self.wins is not None and self.seeds > 1:
            on = f", ahead in {self.wins} of {seeds}"
        said = "a clear difference" if self.clear else "no clear difference"
        return f"{mean.replace('-', '−')}{spread} percentage points{on}, {said}"


def mean_and_se(values: Sequence[float] | np.ndarray) -> tuple[float, float]:
    """Mean and standard error; the latter is NaN for one value, both are for none."""
    values = np.asarray(values, "float64")
    count = len(values)
    mean = float(values.mean()) if count else math.nan
    return mean, float(values.std(ddof=1) / math.sqrt(count)) if count > 1 else math.nan


def student(seeds: int) -> float:
    """How many standard errors a mean over so many seeds may be off; infinite for one seed.

    Examples:
        >>> student(3), round(student(31), 2)
        (4.303, 2.04)
    """
    freedom = seeds - 1
    if freedom < 1:
        return math.inf
    if freedom <= len(_STUDENT):
        return _STUDENT[freedom - 1]
    # Cornish and Fisher's expansion, right in the third decimal from here on.
    z = _NORMAL
    return (
        z
        + (z**3 + z) / (4 * freedom)
        + (5 * z**5 + 16 * z**3 + 3 * z) / (96 * freedom**2)
        + (3 * z**7 + 19 * z**5 + 17 * z**3 - 15 * z) / (384 * freedom**3)
    )
