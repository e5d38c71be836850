"""What a distiller was at one moment, so that training from there can be taken back."""

from typing import Any

import numpy as np


class Snapshot:
    """The values of a distiller's student, adaptors and optimiser, on the host.

    Args:
        distiller: The compiled `MultiTaskDistiller`.
    """

    def __init__(self, distiller: Any) -> None:
        self._variables = [
            *distiller.student.variables,
            *(variable for layer in distiller.adaptors.values() for variable in layer.variables),
            *distiller.optimizer.variables,
        ]
        self._values = [np.asarray(variable).copy() for variable in self._variables]

    def restore(self) -> None:
        """Set all variables to what they were."""
        for variable, value in zip(self._variables, self._values, strict=True):
            variable.assign(value)
