"""Scores that a search found in its directory and that are of another objective."""

import inspect
import math
import warnings
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any
from weakref import WeakKeyDictionary

from keras_mtkd._backend.optional import require

if TYPE_CHECKING:
    from keras_tuner import Objective, Oracle, Trial
else:
    Objective = require("keras_tuner", "tuner").Objective
    Oracle = require("keras_tuner", "tuner").Oracle
    Trial = Any

# Scores are kept in JSON, exactly; sums of several objectives are rounded.
_ROUNDING = 1e-6

# {oracle: what of it was judged before}; None once it was warned about.
_judged: WeakKeyDictionary[Oracle, set[tuple[str, float]] | None] = WeakKeyDictionary()


class CheckedObjective(Objective):
    """A `keras_tuner.Objective` that notices when it ranks scores that are not its own.

    Keras Tuner keeps the score of a trial and not which objective it is of. A search in the
    directory of another reads its trials without a word to objective or hypermodel, and when
    they are ranked it asks the objective for its direction, nothing else. So it is here that the
    question can be seen, and by the frame that asks, whose scores are meant.
    """

    @property
    def direction(self) -> str:
        """`"min"` or `"max"`."""
        frame = inspect.currentframe()
        try:
            asker = frame.f_back.f_locals.get("self") if frame and frame.f_back else None
        finally:
            del frame
        if isinstance(asker, Oracle) and getattr(asker, "objective", None) is self:
            warn_of_old_scores(asker)
        return str(self.__dict__["direction"])

    @direction.setter
    def direction(self, direction: str) -> None:
        self.__dict__["direction"] = direction


def warn_of_old_scores(oracle: Any) -> None:
    """Warn, once for an oracle, if completed trials have scores that are not of its objective.

    Args:
        oracle: Anything else than an oracle that has the trials, as a worker's proxy, is left
            alone, and so is one that scores trials in its own way.
    """
    try:
        message = _judgement(oracle)
    except Exception:  # A search does not end for a doubt that could not be looked into.
        return
    if message:
        warnings.warn(message, stacklevel=4)


def _judgement(oracle: Any) -> str | None:
    if not isinstance(oracle, Oracle) or type(oracle).score_trial is not Oracle.score_trial:
        return None
    seen = _judged.setdefault(oracle, set())
    if seen is None:
        return None
    scored = [
        trial
        for trial in list(oracle.trials.values())
        if trial.status == "COMPLETED" and trial.score is not None and not math.isnan(trial.score)
    ]
    new = [trial for trial in scored if (trial.trial_id, trial.score) not in seen]
    foreign = [trial for trial in new if not _is_of(trial, oracle.objective)]
    if not foreign:
        seen.update((trial.trial_id, trial.score) for trial in new)
        return None
    _judged[oracle] = None
    first, names = foreign[0], ", ".join(f"'{name}'" for name in _names(oracle.objective))
    return (
        f"Trials are ranked by the objective {names}, but the scores of {len(foreign)} of "
        f"{len(scored)} are of another objective: the score of trial {first.trial_id} is "
        f"{first.score:.5g}{_origin(first)}, {_own_values(first, oracle.objective)}. They were "
        "found in the search's directory, and Keras Tuner does not note which objective a score "
        "is of. For another objective pass another `directory` or `project_name`, or "
        "`overwrite=True`, which deletes the search that is there."
    )


def _is_of(trial: Trial, objective: Objective) -> bool:
    names = _names(objective)
    if names == [objective.name]:
        return _contains(_values(trial, objective.name), trial.score)
    # Several objectives are one sum, which an older list of them has left under the same name.
    together = zip(*(_values(trial, name) for name in names), strict=False)
    return any(
        abs(objective.get_value(dict(zip(names, values, strict=True))) - trial.score)
        <= _ROUNDING * sum(map(abs, values))
        for values in together
    )


def _names(objective: Objective) -> list[str]:
    """The metrics of which it is made: several, where Keras Tuner was given a list."""
    return list(getattr(objective, "name_to_direction", [objective.name]))


def _values(trial: Trial, name: str) -> list[float]:
    """What a trial reached at the steps that it reported, each a mean over its executions."""
    if not trial.metrics.exists(name):
        return []
    return [float(observation.mean()) for observation in trial.metrics.get_history(name)]


def _contains(values: Iterable[float], score: float) -> bool:
    return any(math.isclose(value, score, rel_tol=_ROUNDING) for value in values)


def _origin(trial: Trial) -> str:
    found = [name for name in trial.metrics.metrics if _contains(_values(trial, name), trial.score)]
    return f" (its {' or '.join(repr(name) for name in found)})" if found else ""


def _own_values(trial: Trial, objective: Objective) -> str:
    texts = []
    for name in _names(objective):
        values = _values(trial, name)
        texts.append(f"its '{name}' {values[-1]:.5g}" if values else f"it has no '{name}'")
    return ", ".join(texts)
