"""Scores that a search found in its directory and that are not to be ranked with its own."""

import inspect
import math
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any
from weakref import WeakKeyDictionary

from keras_mtkd._backend.optional import require
from keras_mtkd._backend.warn import warn
from keras_mtkd.tuning import made_from as notes

if TYPE_CHECKING:
    from keras_tuner import Objective, Oracle, Trial
else:
    Objective = require("keras_tuner", "tuner").Objective
    Oracle = require("keras_tuner", "tuner").Oracle
    Trial = Any

# Scores are kept in JSON, exactly; sums of several objectives are rounded.
_ROUNDING = 1e-6

_MadeFrom = Mapping[str, Any] | None

# {oracle: what of it was judged before}; None once it was warned about.
_judged: WeakKeyDictionary[Oracle, set[tuple[str, float, bool]] | None] = WeakKeyDictionary()


class CheckedObjective(Objective):
    """A `keras_tuner.Objective` that notices when it ranks scores that are not its own.

    Keras Tuner keeps the score of a trial and not which objective it is of. A search in the
    directory of another reads its trials without a word to objective or hypermodel, and when
    they are ranked it asks the objective for its direction, nothing else. So it is here that the
    question can be seen, and by the frame that asks, whose scores are meant.

    Attributes:
        made_from: What the trials of its hypermodel are made from, if it is of one.
    """

    made_from: _MadeFrom = None

    @property
    def direction(self) -> str:
        """`"min"` or `"max"`."""
        frame = inspect.currentframe()
        try:
            asker = frame.f_back.f_locals.get("self") if frame and frame.f_back else None
        finally:
            del frame
        if isinstance(asker, Oracle) and getattr(asker, "objective", None) is self:
            warn_of_old_scores(asker, self.made_from)
        return str(self.__dict__["direction"])

    @direction.setter
    def direction(self, direction: str) -> None:
        self.__dict__["direction"] = direction


def warn_of_old_scores(oracle: Any, made_from: _MadeFrom = None) -> None:
    """Warn, once for an oracle, if scores of completed trials are not to be ranked together.

    They are of another objective, or their trials were made from something else.

    Args:
        oracle: Anything else than an oracle that has the trials, as a worker's proxy, is left
            alone, and so is one that scores trials in its own way.
        made_from: What further trials are made from, if it is known.
    """
    try:
        message = _judgement(oracle, made_from)
    except Exception:  # A search does not end for a doubt that could not be looked into.
        return
    if message:
        warn(message)


def _judgement(oracle: Any, made_from: _MadeFrom) -> str | None:
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
    marks = [(trial.trial_id, trial.score, made_from is not None) for trial in scored]
    new = [trial for trial, mark in zip(scored, marks, strict=True) if mark not in seen]
    seen.update(marks)
    why = _of_another_objective(oracle, new) or _of_other_making(oracle, new, made_from)
    if not why:
        return None
    _judged[oracle] = None
    return (
        f"{why} Pass another `directory` or `project_name`, or `overwrite=True`, which deletes the "
        "search that is there."
    )


def _of_another_objective(oracle: Oracle, new: list[Trial]) -> str | None:
    foreign = [trial for trial in new if not _is_of(trial, oracle.objective)]
    if not foreign:
        return None
    first, names = foreign[0], ", ".join(f"'{name}'" for name in _names(oracle.objective))
    return (
        f"Trials are ranked by the objective {names}, but the scores of {len(foreign)} of "
        f"{len(new)} are of another objective: the score of trial {first.trial_id} is "
        f"{first.score:.5g}{_origin(first)}, {_own_values(first, oracle.objective)}. They were "
        "found in the search's directory, and Keras Tuner does not note which objective a score "
        "is of."
    )


def _of_other_making(oracle: Oracle, new: list[Trial], made_from: _MadeFrom) -> str | None:
    # Nothing public of an oracle tells its folder.
    directory, project = (getattr(oracle, name, None) for name in ("_directory", "_project_name"))
    if made_from is None or directory is None or project is None:
        return None
    found = {
        trial.trial_id: notes.other_than(
            Path(directory, project, f"trial_{trial.trial_id}"), made_from
        )
        for trial in new
    }
    foreign = {trial_id: differing for trial_id, differing in found.items() if differing}
    if not foreign:
        return None
    first, differing = next(iter(foreign.items()))
    return (
        f"Trials are ranked together, but {len(foreign)} of {len(new)} were not made from what "
        f"this hypermodel makes them from (trial {first}: {'; '.join(differing)}). They were found "
        "in the search's directory, and their scores say nothing beside those of new ones."
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
