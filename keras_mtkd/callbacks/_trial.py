"""Training that is taken back."""

from typing import Any

import numpy as np


class Trial:
    """Remembers a distiller's student, adaptors and optimiser, on the host.

    Args:
        distiller: The compiled `MultiTaskDistiller`.
    """

    def __init__(self, distiller: Any) -> None:
        self._variables = [
            *distiller.student.variables,
            *(variable for layer in distiller.adaptors.values() for variable in layer.variables),
            *distiller.optimizer.variables,
        ]
        self._values = [np.array(variable) for variable in self._variables]

    def take_back(self) -> None:
        """Set all variables to what they were."""
        for variable, value in zip(self._variables, self._values, strict=True):
            variable.assign(value)
