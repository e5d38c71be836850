"""Settings of Keras that clearing the session would lose."""

import keras


class GlobalSettings:
    """Remembers the global dtype policy and distribution.

    Keras Tuner clears the session before every trial, and with it `mixed_float16` or a
    `keras.distribution.DataParallel` that the user has set.
    """

    def __init__(self) -> None:
        self._policy = keras.config.dtype_policy()
        self._distribution = keras.distribution.distribution()

    def restore(self) -> None:
        """Set them again."""
        keras.config.set_dtype_policy(self._policy)
        keras.distribution.set_distribution(self._distribution)
