"""What is balanced, where, and by which method."""

from collections.abc import Mapping
from typing import Any, Self

import keras

from keras_mtkd._backend.choices import check_choice
from keras_mtkd._backend.export import mtkd_export
from keras_mtkd.balancing.aggregation.gramian_base import GramMethod
from keras_mtkd.balancing.aggregation.parameter_base import ParameterMethod
from keras_mtkd.balancing.base import Method
from keras_mtkd.balancing.registry import get

LEVELS = ("representation", "parameters")
OBJECTIVES = ("tasks", "losses", "all", "hierarchical")
_BEFORE = {"two_level": "hierarchical"}


@mtkd_export("keras_mtkd.balancing.Balancing")
class Balancing:
    """How a distiller balances its objectives.

    A loss weighting multiplies the values of the objectives. A method of gradient aggregation
    combines their gradients on what the tasks share; the tasks' own layers and the adaptors get
    plain gradients.

    Args:
        method: A `LossWeighting`, `GramMethod` or `ParameterMethod`, or the name or config of
            one.
        objectives: What is balanced. `"tasks"`: each task's loss together with its distances to
            the teachers. `"losses"`: the task losses alone; distances are added as they are.
            `"all"`: task losses and distances, as objectives of one list. `"hierarchical"`: the
            losses among themselves, the distances among themselves, and then the two. `None` is
            `"tasks"` for gradients and `"losses"` for loss weightings.
        level: Where gradients are taken. `"representation"`: at one layer that all tasks pass
            through, in a single backward pass. `"parameters"`: on every shared weight, one
            backward pass an objective. `None` is `"parameters"` for a `ParameterMethod`, which
            needs it, else `"representation"`.
        layer: Name of that layer; the last one that all tasks pass through if left out.
        weight_heads: Whether the layers of single tasks are trained with the weights of the
            method too, as LibMTL does for Nash-MTL and FairGrad, and most authors do not. At
            `"parameters"` only.
        times_tasks: Whether the combined gradient is multiplied by the number of objectives, so
            that methods whose weights sum to 1 match a sum, as some authors do.
        record: Whether to keep sums of the gradients' cosines and lengths, which
            `callbacks.GradientDiagnostics` reads. Updates stay the same.

    Raises:
        TypeError: If the method is none.
        ValueError: If `objectives` or `level` is none of these, or an option does not apply.

    Examples:
        >>> Balancing("cagrad", level="parameters")
        Balancing(CAGrad(c=0.4, rescale='square'), objectives='tasks', level='parameters')

    Source: losses and distances as objectives are those of Hayder et al., "MoKD" (2025), known
    from its abstract; `"hierarchical"` is reconstructed. The conventions are those of the
    authors' codes and of LibMTL.
    """

    def __init__(
        self,
        method: str | Method | Mapping[str, Any],
        objectives: str | None = None,
        level: str | None = None,
        layer: str | None = None,
        weight_heads: bool = False,
        times_tasks: bool = False,
        record: bool = False,
    ) -> None:
        self.method = get(method)
        default = "tasks" if self.of_gradients else "losses"
        self.objectives = default if objectives is None else objectives
        self.level = self.method.levels[0] if level is None else level
        self.layer = layer
        self.weight_heads, self.times_tasks, self.record = weight_heads, times_tasks, record
        if objectives in _BEFORE:
            raise ValueError(
                f"`objectives={objectives!r}` is called {_BEFORE[objectives]!r} since 0.2."
            )
        check_choice("objectives", self.objectives, OBJECTIVES)
        check_choice("level", self.level, LEVELS)
        if self.level not in self.method.levels:
            raise ValueError(
                f"{self.method!r} works at `level={self.method.levels[0]!r}` only. "
                f"Received: level={self.level!r}."
            )
        self._check_options()
        if self.of_gradients and not isinstance(self.method, GramMethod):
            self._check_weightless()

    @property
    def of_gradients(self) -> bool:
        """Whether gradients are combined; otherwise losses are weighted."""
        return isinstance(self.method, GramMethod | ParameterMethod)

    @property
    def at_representation(self) -> bool:
        """Whether gradients are combined at one layer."""
        return self.of_gradients and self.level == "representation"

    @property
    def at_parameters(self) -> bool:
        """Whether gradients are combined on all shared weights."""
        return self.of_gradients and self.level == "parameters"

    def _check_options(self) -> None:
        if self.weight_heads and not self.at_parameters:
            raise ValueError(
                '`weight_heads` needs a method of gradients and `level="parameters"`: at a '
                "representation the weights are known when the heads have their gradients already."
            )
        if self.layer is not None and not self.at_representation:
            raise ValueError(
                "`layer` is where gradients are combined at a representation. "
                f"Received: layer={self.layer!r} with level={self.level!r} and {self.method!r}."
            )
        if self.times_tasks and not self.of_gradients:
            raise ValueError(f"`times_tasks` is for gradients. Received: {self.method!r}.")
        if self.record and not self.of_gradients:
            raise ValueError(
                "`record` needs a method of gradients: no others are looked at. "
                f"Received: {self.method!r}."
            )

    def _check_weightless(self) -> None:
        """Refuse what needs weights of the objectives, or their Gram matrix."""
        given = {"weight_heads": self.weight_heads, "record": self.record}
        wrong = [f"{name}=True" for name, value in given.items() if value]
        if self.objectives == "hierarchical":
            wrong.append("objectives='hierarchical'")
        if wrong:
            raise ValueError(
                f"`{wrong[0]}` needs a method that weighs gradients, a `GramMethod`. "
                f"Received: {self.method!r}."
            )

    def get_config(self) -> dict[str, Any]:
        """The arguments of the constructor."""
        return {
            "method": keras.saving.serialize_keras_object(self.method),
            "objectives": self.objectives,
            "level": self.level,
            "layer": self.layer,
            "weight_heads": self.weight_heads,
            "times_tasks": self.times_tasks,
            "record": self.record,
        }

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> Self:
        """A balancing with these arguments, also under the names that they had in older files."""
        objectives: Any = config.get("objectives")
        return cls(**{**config, "objectives": _BEFORE.get(objectives, objectives)})

    def __repr__(self) -> str:
        options = {**self.get_config(), "method": None}
        changed = {k: v for k, v in options.items() if v not in (None, False)}
        if not self.of_gradients:
            del changed["level"]
        arguments = [repr(self.method), *(f"{k}={v!r}" for k, v in changed.items())]
        return f"Balancing({', '.join(arguments)})"


def as_balancing(balancing: Any) -> Balancing | None:
    """What users pass as `balancing=`: nothing, a method, or where to use one."""
    if balancing is None or isinstance(balancing, Balancing):
        return balancing
    return Balancing(balancing)
