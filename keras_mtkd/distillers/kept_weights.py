"""Weights that stay where they are when a step fails on JAX."""

import contextlib
from collections.abc import Iterator
from typing import Any

import keras


class KeptWeights(keras.Model):
    """Keeps the weights of a model, and of all models that it holds, through errors.

    On JAX Keras takes the weights out of a model while it steps, and gives them back at the end: an
    error in between, in `fit`, `evaluate` or `predict`, would lose student and teachers.
    """

    def evaluate(self, *args: Any, **kwargs: Any) -> Any:
        with self._given_back():
            return super().evaluate(*args, **kwargs)

    def predict(self, *args: Any, **kwargs: Any) -> Any:
        with self._given_back():
            return super().predict(*args, **kwargs)

    @contextlib.contextmanager
    def _given_back(self) -> Iterator[None]:
        """Give the weights back that only the last step on JAX has, as `fit` does by itself."""
        try:
            yield
        except BaseException:
            if keras.backend.backend() == "jax":
                self.jax_state_sync()
            raise

    def _purge_model_variables(self, **kwargs: bool) -> None:
        """Leave the weights where they are until a step has given new ones.

        That takes no memory: a step writes into that of the weights that it was given.
        """
