"""What depends on the machine at hand."""

import keras


def best_jit_compile(jit_compile: bool | str) -> bool | str:
    """Whether to compile a step with XLA, where the user leaves the choice ("auto").

    On TensorFlow Keras turns XLA on wherever a model supports it. Without an accelerator that makes
    steps slower (docs/benchmarks.md), so here it is off.
    """
    if jit_compile != "auto" or keras.backend.backend() != "tensorflow":
        return jit_compile
    accelerated = any(keras.distribution.list_devices(kind) for kind in ("gpu", "tpu"))
    return "auto" if accelerated else False
