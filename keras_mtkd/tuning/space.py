"""What a search varies, for whatever draws the values."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Protocol

from keras_mtkd._backend.export import mtkd_export
from keras_mtkd.callbacks.sequential_distillation import STAGES
from keras_mtkd.problem import Problem
from keras_mtkd.scheduling.stages import MODES

ALL_TAPS = "all"
NO_BALANCING = "none"
# One of each kind: weights that are measured, weights that are learned, two of gradients.
_DISTANCES = ("normalized_l2", "cka", "log_sum", "relational")
_BALANCINGS = (NO_BALANCING, "dwa", "uncertainty", "upgrad", "cagrad")
_SCHEDULED = ("threshold", "mode", "stages", "last_start")


class Suggest(Protocol):
    """What draws values: an `optuna.Trial`, or anything with these three methods of it."""

    def suggest_float(self, name: str, low: float, high: float, *, log: bool = False) -> float:
        """A number from `low` to `high`."""

    def suggest_int(self, name: str, low: int, high: int, *, log: bool = False) -> int:
        """A whole number from `low` to `high`, both included."""

    def suggest_categorical(self, name: str, choices: Sequence[Any]) -> Any:
        """One of the choices: strings, or numbers."""


Dimension = Callable[[Suggest, Problem], Any]


def _rate(name: str, low: float, high: float) -> Dimension:
    return lambda suggest, problem: suggest.suggest_float(name, low, high, log=True)


def _choice(name: str, choices: Sequence[str]) -> Dimension:
    return lambda suggest, problem: suggest.suggest_categorical(name, list(choices))


def _weights(suggest: Suggest, problem: Problem) -> dict[str, float]:
    return {
        task: suggest.suggest_float(f"weight_{task}", 0.3, 100.0, log=True)
        for task in problem.tasks
    }


def _tap(suggest: Suggest, problem: Problem) -> str:
    if len(problem.taps) == 1:
        return problem.taps[0]
    return str(suggest.suggest_categorical("tap", [*problem.taps, ALL_TAPS]))


# The choice that needs most further dimensions comes first: Keras Tuner learns of the dimensions
# from a model built with the first choices.
DIMENSIONS: dict[str, Dimension] = {
    "learning_rate": _rate("learning_rate", 3e-4, 3e-2),
    "adaptor_learning_rate": _rate("adaptor_learning_rate", 3e-3, 3e-1),
    "weight": _weights,
    "logit_weight": _rate("logit_weight", 1e-2, 10.0),
    "temperature": _rate("temperature", 1.0, 8.0),
    "tap": _tap,
    "distance": _choice("distance", _DISTANCES),
    "balancing": _choice("balancing", _BALANCINGS),
    "schedule": _choice("schedule", ["scd", "none"]),
    "threshold": lambda suggest, problem: suggest.suggest_float("threshold", 0.1, 0.9),
    "mode": _choice("mode", MODES),
    "stages": _choice("stages", STAGES),
    "last_start": lambda suggest, problem: suggest.suggest_float("last_start", 0.1, 0.9),
}


@mtkd_export("keras_mtkd.tuning.search_space")
def search_space(
    suggest: Suggest, problem: Problem, dimensions: Mapping[str, Any] | None = None
) -> dict[str, Any]:
    """Draw one point of the space of distillations of a problem.

    | choice | what it is | range |
    |---|---|---|
    | `learning_rate` | initial rate of the student | 0.0003 to 0.03 |
    | `adaptor_learning_rate` | initial rate of the adaptors | 0.003 to 0.3 |
    | `weight` | `{task: weight}` of feature distillation | 0.3 to 100 |
    | `logit_weight` | weight of logit distillation; not searched, 0 turns it off | 0.01 to 10 |
    | `temperature` | of logit distillation | 1 to 8 |
    | `tap` | one of `problem.taps`, or `"all"` | |
    | `distance` | between features | `normalized_l2`, `cka`, `log_sum`, `relational` |
    | `balancing` | of the tasks | `none`, `dwa`, `uncertainty`, `upgrad`, `cagrad` |
    | `schedule` | `"scd"` or `"none"` | |
    | `threshold` | of `SimilarityGrouping` | 0.1 to 0.9 |
    | `mode`, `stages`, `last_start` | of `SequentialDistillation`; shares of the run | 0.1 to 0.9 |

    The last four are drawn only where the schedule is `"scd"`.

    Args:
        suggest: An `optuna.Trial`, or anything with its three methods `suggest_float`,
            `suggest_int` and `suggest_categorical`.
        problem: The problem.
        dimensions: Changes to the space: `{name: value}` fixes a choice, `{name: function}` draws
            it by `function(suggest, problem)`; functions under new names are further dimensions.

    Returns:
        `{name: value}`, which `tuning.new_distiller` and `tuning.schedule_callbacks` take.

    Raises:
        ValueError: If a value is given for a dimension that does not exist.

    Examples:
        >>> class Lowest:
        ...     def suggest_float(self, name, low, high, *, log=False):
        ...         return low
        ...     def suggest_categorical(self, name, choices):
        ...         return choices[0]
        >>> import keras_mtkd as mtkd
        >>> problem = mtkd.datasets.digits(train_size=4, validation_size=4, test_size=4)
        >>> choices = search_space(Lowest(), problem, {"temperature": 4.0, "schedule": "none"})
        >>> choices["temperature"], choices["distance"], choices["weight"]["sum"], "mode" in choices
        (4.0, 'normalized_l2', 0.3, False)
    """
    given = dict(dimensions or {})
    for name, value in given.items():
        if name not in DIMENSIONS and not callable(value):
            raise ValueError(
                f"There is no dimension '{name}' to fix. The dimensions: {', '.join(DIMENSIONS)}. "
                "A new one needs a function of `(suggest, problem)`."
            )
    choices: dict[str, Any] = {}
    for name, value in {**DIMENSIONS, **given}.items():
        if name not in _SCHEDULED or choices["schedule"] == "scd":
            choices[name] = value(suggest, problem) if callable(value) else value
    return choices
