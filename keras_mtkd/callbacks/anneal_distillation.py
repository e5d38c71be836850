"""Distillation that fades in or out."""

import math
from typing import Any

import keras
import numpy as np

from keras_mtkd._backend.choices import check_choice
from keras_mtkd._backend.export import mtkd_export

SHAPES = ("linear", "cosine")


@mtkd_export("keras_mtkd.callbacks.AnnealDistillation")
class AnnealDistillation(keras.callbacks.Callback):
    """Moves a distillation's weight from one factor to another while training.

    The factor multiplies the `weight` that the distillation was given; it is logged as
    `{distillation}_way_weight`. Also a warm-up, from 0 to 1. It depends on the epoch alone, so a
    run that was killed goes on with the right factor.

    Args:
        distillation: Name of the distillation; `None` for all.
        start: Factor until `begin`.
        end: Factor from `until` on.
        shape: `"linear"` or `"cosine"`.
        begin: Share of the run after which the factor starts to change, in [0, 1].
        until: Share of the run at which it has arrived.

    Raises:
        ValueError: If a factor is negative, the shape not known or the shares out of order; when
            training begins, if there is no such distillation.

    Source: linear to 0 as in the released code of Li, Liu and Bilen (2023), arXiv 2204.02744;
    warm-up as in CrossDistil (Yang et al., 2022).
    """

    def __init__(
        self,
        distillation: str | None = None,
        start: float = 1.0,
        end: float = 0.0,
        shape: str = "linear",
        begin: float = 0.0,
        until: float = 1.0,
    ) -> None:
        super().__init__()
        if min(start, end) < 0:
            raise ValueError(f"Factors must not be negative. Received: start={start}, end={end}.")
        check_choice("shape", shape, SHAPES)
        if not 0.0 <= begin < until <= 1.0:
            raise ValueError(
                f"0 <= begin < until <= 1 must hold. Received: begin={begin}, until={until}."
            )
        self.distillation, self.start, self.end = distillation, float(start), float(end)
        self.shape, self.begin, self.until = shape, begin, until

    def factor(self, epoch: int, epochs: int) -> float:
        """The factor of an epoch, counted from 0, of a run of so many epochs."""
        passed = epoch / max(epochs - 1, 1)
        share = min(max((passed - self.begin) / (self.until - self.begin), 0.0), 1.0)
        if self.shape == "cosine":
            share = (1.0 - math.cos(math.pi * share)) / 2.0
        return self.start + (self.end - self.start) * share

    def on_train_begin(self, logs: dict[str, Any] | None = None) -> None:
        names = self._names()
        if self.distillation is not None and self.distillation not in names:
            raise ValueError(
                f"There is no distillation '{self.distillation}'. The distiller has: {names}."
            )

    def on_epoch_begin(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        factor = self.factor(epoch, self.params["epochs"])
        old = zip(
            self._names(), np.asarray(self.model.distillation_loss_weights).tolist(), strict=True
        )
        values = [factor if self._moves(name) else value for name, value in old]
        self.model.distillation_loss_weights.assign(values)

    def on_epoch_end(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        if logs is not None:
            factor = self.factor(epoch, self.params["epochs"])
            logs.update(
                {f"{name}_way_weight": factor for name in self._names() if self._moves(name)}
            )

    def _names(self) -> list[str]:
        return [way.name for way in self.model.distillations]

    def _moves(self, name: str) -> bool:
        return self.distillation in (None, name)
