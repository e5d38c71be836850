"""Keras Tuner's hyperparameters, drawn as Optuna's."""

from collections.abc import Sequence
from typing import Any


class HyperParameterSuggest:
    """Gives `keras_tuner.HyperParameters` the methods of an `optuna.Trial`.

    Args:
        hp: The hyperparameters of a trial.
    """

    def __init__(self, hp: Any) -> None:
        self._hp = hp

    def suggest_float(self, name: str, low: float, high: float, *, log: bool = False) -> float:
        """A number from `low` to `high`."""
        return float(self._hp.Float(name, low, high, sampling=_sampling(log)))

    def suggest_int(self, name: str, low: int, high: int, *, log: bool = False) -> int:
        """A whole number from `low` to `high`, both included."""
        return int(self._hp.Int(name, low, high, sampling=_sampling(log)))

    def suggest_categorical(self, name: str, choices: Sequence[Any]) -> Any:
        """One of the choices: strings, or numbers."""
        return self._hp.Choice(name, list(choices))


def _sampling(log: bool) -> str:
    return "log" if log else "linear"
