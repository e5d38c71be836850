"""What depends on the machine at hand."""

from functools import cache

import keras


def best_jit_compile(jit_compile: bool | str) -> bool | str:
    """Whether to compile a step with XLA, where the user leaves the choice ("auto").

    On TensorFlow Keras turns XLA on wherever a model supports it. Without an accelerator that makes
    steps slower (docs/benchmarks.md), so here it is off.
    """
    if jit_compile != "auto" or keras.backend.backend() != "tensorflow":
        return jit_compile
    return "auto" if has_accelerator() else False


@cache
def has_accelerator() -> bool:
    """Whether the backend sees a GPU or TPU."""
    return not keras.distribution.list_devices()[0].lower().startswith("cpu")
