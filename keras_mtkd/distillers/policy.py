"""The policy that a model is trained by, where that of its student does not tell."""

from typing import Any

import keras

from keras_mtkd._backend.keras_compat import layers_within


def policy_of(student: keras.Model) -> Any:
    """`mixed_float16` if a layer of the student computes by it, else the student's own policy.

    Keras scales losses by the policy of the model that is compiled. Layers may have policies of
    their own, and files keep theirs, but not that of a functional model (Keras 3.15.1): what is
    loaded where no policy is set would train in float16 without scaling.

    Args:
        student: Functional model.
    """
    names = {layer.dtype_policy.name for layer in layers_within(student)}
    return keras.DTypePolicy("mixed_float16") if "mixed_float16" in names else student.dtype_policy
