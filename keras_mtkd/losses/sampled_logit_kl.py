"""Distillation on a few classes, drawn by the teacher."""

from typing import Any

import keras
from keras import ops

from keras_mtkd._backend.export import mtkd_export
from keras_mtkd._backend.types import Tensor
from keras_mtkd.losses.held_seed import HeldSeed
from keras_mtkd.losses.kinds import CLASS
from keras_mtkd.losses.soften import check_temperature, log_probability
from keras_mtkd.losses.weigh import WeighedLoss


@mtkd_export("keras_mtkd.losses.SampledLogitKL")
class SampledLogitKL(WeighedLoss):
    """`LogitKL`, estimated from a few classes a position.

    The classes are drawn with replacement from `q ~ p^power`, `p` the teacher's probabilities, and
    weighted by `p^(1/T) / q`, normalised to sum to 1. With `power=1` and `temperature=1` the
    estimate is unbiased. Worth it with thousands of classes, and where teachers' predictions are
    stored: the classes not drawn need not be kept.

    Call arguments:
        y_true: Teacher logits, `(batch, ..., classes)`.
        y_pred: Student logits, same shape.
        sample_weight: Optional, `(batch,)` or `(batch, ...)`.

    Args:
        samples: Classes drawn a position.
        power: Exponent of the teacher's probabilities in the draw; 0 draws evenly.
        temperature: Softening `T`, positive.
        from_logits: False where the models end in a softmax.
        seed: Seed of the draws.
        reduction: As in `keras.losses.Loss`; `None` gives `(batch, ...)`.
        name: Name of the loss.
        dtype: Computation dtype, float32 by default also under mixed precision.

    Raises:
        ValueError: If `samples` or `temperature` is not positive, or `power` negative.

    Source: the class axis of SE-KD (random-sampling distillation), as described for its released
    code: 64 classes, power 1.
    """

    predicts = CLASS

    def __init__(
        self,
        samples: int = 64,
        power: float = 1.0,
        temperature: float = 1.0,
        from_logits: bool = True,
        seed: int | None = None,
        reduction: str | None = "sum_over_batch_size",
        name: str = "sampled_logit_kl",
        dtype: Any = None,
    ) -> None:
        super().__init__(name=name, reduction=reduction, dtype=dtype)
        if samples < 1 or power < 0:
            raise ValueError(
                "`samples` must be positive and `power` not negative. "
                f"Received: samples={samples}, power={power}."
            )
        self.samples, self.power = samples, float(power)
        self.temperature = check_temperature(temperature)
        self.from_logits = from_logits
        self.seed = seed
        # A distiller tracks it, so that every step draws anew on every backend.
        self.seed_generator = HeldSeed(seed)

    def call(self, y_true: Tensor, y_pred: Tensor) -> Tensor:
        log_p, student = self._log(y_true), self._log(y_pred, self.temperature)
        drawing = ops.log_softmax(self.power * log_p, axis=-1)
        rows = ops.reshape(drawing, (-1, drawing.shape[-1]))
        drawn = keras.random.categorical(rows, self.samples, seed=self.seed_generator)
        drawn = ops.reshape(drawn, (*ops.shape(drawing)[:-1], self.samples))
        soft = ops.log_softmax(log_p / self.temperature, axis=-1)

        def at_drawn(values: Tensor) -> Tensor:
            return ops.take_along_axis(values, drawn, axis=-1)

        log_weight = at_drawn(soft) - at_drawn(drawing)
        weight = ops.exp(log_weight - ops.logsumexp(log_weight, axis=-1, keepdims=True))
        gap = at_drawn(soft) - at_drawn(student)
        return self.temperature**2 * ops.sum(ops.stop_gradient(weight) * gap, axis=-1)

    def _log(self, predictions: Tensor, temperature: float = 1.0) -> Tensor:
        logits = predictions if self.from_logits else log_probability(predictions)
        return ops.log_softmax(logits / temperature, axis=-1)

    def get_config(self) -> dict[str, Any]:
        return {
            **super().get_config(),
            "samples": self.samples,
            "power": self.power,
            "temperature": self.temperature,
            "from_logits": self.from_logits,
            "seed": self.seed,
        }
