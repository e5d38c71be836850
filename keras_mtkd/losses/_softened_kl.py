"""Divergences between a teacher's and a student's softened predictions."""

from abc import abstractmethod
from typing import Any

from keras_mtkd._backend.types import Tensor
from keras_mtkd.losses.soften import check_temperature
from keras_mtkd.losses.weigh import WeighedLoss


class SoftenedKL(WeighedLoss):
    """`T^2 KL(teacher || student)` of distributions whose logits are divided by `T`.

    The factor `T^2` keeps the gradient's size independent of the temperature. A subclass says by
    `_logits` and `_divergence` what is distributed, and has its own `default_name`.
    """

    default_name: str

    def __init__(
        self,
        temperature: float = 4.0,
        from_logits: bool = True,
        reduction: str | None = "sum_over_batch_size",
        name: str | None = None,
        dtype: Any = None,
        axis: int = -1,
    ) -> None:
        super().__init__(name=name or self.default_name, reduction=reduction, dtype=dtype)
        self.temperature = check_temperature(temperature)
        self.from_logits, self.axis = from_logits, axis

    def call(self, y_true: Tensor, y_pred: Tensor) -> Tensor:
        teacher, student = (self._softened(each) for each in (y_true, y_pred))
        return self.temperature**2 * self._divergence(teacher, student)

    def _softened(self, predictions: Tensor) -> Tensor:
        logits = predictions if self.from_logits else self._logits(predictions)
        return logits / self.temperature

    @abstractmethod
    def _logits(self, probabilities: Tensor) -> Tensor:
        """Logits that give these probabilities."""

    @abstractmethod
    def _divergence(self, teacher: Tensor, student: Tensor) -> Tensor:
        """`KL(teacher || student)` from softened logits, without the axis."""

    def get_config(self) -> dict[str, Any]:
        own = {"temperature": self.temperature, "from_logits": self.from_logits}
        return {**super().get_config(), **own, "axis": self.axis}
