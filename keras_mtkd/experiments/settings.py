"""What all methods of a comparison share."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from typing import Any

from keras_mtkd._backend.choices import check_choice
from keras_mtkd._backend.export import mtkd_export
from keras_mtkd._backend.names import unknown
from keras_mtkd.teachers.fitting import DECAYS


@mtkd_export("keras_mtkd.experiments.Settings")
@dataclass(frozen=True)
class Settings:
    """What all methods of a comparison share.

    Args:
        epochs: Epochs of every student and teacher.
        learning_rate: Initial rate of student and teachers.
        adaptor_learning_rate: Initial rate of the adaptors.
        weight: Weight of feature distillation, one or `{task: weight}`.
        logit_weight: Weight of logit distillation.
        temperature: Temperature of logit distillation.
        decay: How the rate of student and teachers falls: `"cosine"` to zero, `"half"` from
            half-way on half of it, or `"constant"`.
        adaptor_decay: Likewise for the adaptors.
        adaptor_weight_decay: L2 penalty of the adaptors' weights `w`: `decay / 2 * sum(w^2)`.
        task_weights: `{task: weight}` of the students' task losses, 1 where left out, as for a task
            in large units whose loss drowns the others. A teacher has one task and no such weight.
        restore_best_weights: Whether the weights of the best epoch count, by validation data: of a
            single-task model by its score, of a student by its Δ_MTL over the teachers. Otherwise
            those of the last epoch do.
        train_metrics: Whether metrics are computed on training batches too, for curves. Many of
            them, such as a dozen `keras.metrics.AUC`, take long to compile and to run; scores and
            best epochs never come from them.

    Raises:
        ValueError: If a rate, the epochs or the temperature is not positive, or a decay not known,
            or a task's weight is negative.
    """

    epochs: int = 30
    learning_rate: float = 3e-3
    adaptor_learning_rate: float = 3e-2
    weight: float | Mapping[str, float] = 1.0
    logit_weight: float | Mapping[str, float] = 1.0
    temperature: float = 4.0
    decay: str = "cosine"
    adaptor_decay: str = "cosine"
    adaptor_weight_decay: float = 0.0
    task_weights: Mapping[str, float] | None = None
    restore_best_weights: bool = True
    train_metrics: bool = True

    def __post_init__(self) -> None:
        for name in ("epochs", "learning_rate", "adaptor_learning_rate", "temperature"):
            if not getattr(self, name) > 0:
                raise ValueError(f"`{name}` must be positive. Received: {getattr(self, name)}.")
        for name in ("decay", "adaptor_decay"):
            check_choice(name, getattr(self, name), DECAYS)
        for task, weight in (self.task_weights or {}).items():
            if not weight >= 0:
                raise ValueError(
                    f"`task_weights` must not be negative. Received: {weight} for '{task}'."
                )

    def as_conditions(self) -> dict[str, Any]:
        """What results are kept with: all settings, but later ones only where they change results.

        Directories of earlier versions do not know these.
        """
        told = asdict(self)
        del told["train_metrics"]  # changes no result
        for name in ("task_weights", "restore_best_weights"):
            if not told[name]:
                del told[name]
        return told


# What all methods of a comparison must have alike, or none is ahead for what it is.
_SHARED = ("epochs", "restore_best_weights", "train_metrics")


def check_own(title: str, settings: Mapping[str, Any]) -> None:
    """Refuse settings that no method has of its own.

    Args:
        title: The method's title.
        settings: `{name: value}`.

    Raises:
        ValueError: If one is not known, is one that all methods share, or has a wrong value.
    """
    known = [each.name for each in fields(Settings) if each.name not in _SHARED]
    for name in settings:
        if name in _SHARED:
            raise ValueError(
                f"Method '{title}': `{name}` is the same for all methods of a comparison. Give it "
                f"as `Settings({name}=...)`."
            )
        if name not in known:
            raise ValueError(f"Method '{title}': {unknown('setting', name, known)}")
    Settings(**settings)
