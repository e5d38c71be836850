"""What seeds say about differences between methods, and what they cannot say.

Methods of one seed share data, teachers and initial weights, so that differences are taken seed by
seed. One is clear if its mean is further from 0 than Student's t allows by chance: the 95 %
interval, mean ± t · standard error, leaves 0 out, with t = 12.7 for two seeds, 4.3 for three, 2.8
for five and 2 for many. A method is the best if its difference to every other one is clear.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

# Of two-sided 95 % intervals, for 1, 2, ... degrees of freedom.
_STUDENT = (12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262, 2.228)
_NORMAL = 1.95996


@dataclass(frozen=True)
class Difference:
    """How much larger one method's Δ_MTL is than another's, over the seeds that both have.

    Args:
        mean: Mean difference, in percentage points.
        se: Its standard error; NaN for one seed.
        seeds: Number of seeds.
    """

    mean: float
    se: float
    seeds: int

    @classmethod
    def of(cls, differences: Sequence[float] | np.ndarray) -> "Difference":
        """From the differences of single seeds."""
        return cls(*mean_and_se(differences), len(differences))

    @property
    def clear(self) -> bool:
        """Whether the seeds support that there is a difference; never on one seed."""
        return self.mean != 0 and abs(self.mean) > student(self.seeds) * self.se


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
