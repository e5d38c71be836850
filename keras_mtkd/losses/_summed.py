"""Several losses of one head, added up."""

from collections.abc import Sequence
from typing import Any

import keras

from keras_mtkd._backend.export import PACKAGE
from keras_mtkd._backend.types import Tensor
from keras_mtkd._storage.arguments import pack
from keras_mtkd.losses.kinds import LossKind, kind_of
from keras_mtkd.losses.weigh import weigh


@keras.saving.register_keras_serializable(package=PACKAGE)
class SummedLoss(keras.losses.Loss):
    """The sum of losses, each reduced by itself: a list of losses in `keras.Model.compile`.

    Args:
        losses: The losses.
        name: Name of the loss.
    """

    def __init__(self, losses: Sequence[keras.losses.Loss], name: str = "sum_of_losses") -> None:
        super().__init__(name=name)
        self.losses = list(losses)

        kinds = {kind_of(loss) for loss in self.losses}
        agreed = kinds.pop() if len(kinds) == 1 else LossKind()
        self.predicts, self.from_logits, self.axis = (
            agreed.predicts,
            agreed.from_logits,
            agreed.axis,
        )

    def __call__(self, y_true: Tensor, y_pred: Tensor, sample_weight: Any = None) -> Tensor:
        return sum(weigh(loss, y_true, y_pred, sample_weight) for loss in self.losses)

    def get_config(self) -> dict[str, Any]:
        packed = [pack(loss) for loss in self.losses]
        return {"losses": packed, "name": self.name}

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> "SummedLoss":
        losses = [keras.saving.deserialize_keras_object(loss) for loss in config["losses"]]
        return cls(losses, config["name"])
