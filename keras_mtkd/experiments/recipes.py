"""Settings that suit a problem, published ones where there are any."""

from keras_mtkd._backend.export import mtkd_export
from keras_mtkd.experiments.settings import Settings

# Li and Bilen (2020), the released code for NYUv2 with SegNet: Adam at 1e-4, halved after 100 of
# 200 epochs; adaptors by another Adam at 1e-1, constant, with an L2 penalty; weights 1, 1, 2.
_PUBLISHED = {
    "epochs": 200,
    "learning_rate": 1e-4,
    "adaptor_learning_rate": 1e-1,
    "decay": "half",
    "adaptor_decay": "constant",
    "adaptor_weight_decay": 5e-4,
}
_RECIPES = {
    "nyuv2": Settings(weight={"semantic": 1.0, "depth": 1.0, "normal": 2.0}, **_PUBLISHED),  # type: ignore[arg-type]
    "cityscapes": Settings(weight=1.0, **_PUBLISHED),  # type: ignore[arg-type]
    "digits": Settings(weight=10.0),
    "digit-and-clothing": Settings(epochs=16, weight=30.0),
    "rooms": Settings(epochs=20, weight={"semantic": 1.0, "depth": 1.0, "normal": 2.0}),
}


@mtkd_export("keras_mtkd.experiments.recipe")
def recipe(problem: str) -> Settings:
    """The settings of a problem, by its name; the general ones where it has none of its own.

    For `"nyuv2"` and `"cityscapes"` they are the published ones of KD4MTL.

    Args:
        problem: Name of the problem.

    Returns:
        The settings.

    Source: Li and Bilen, "Knowledge Distillation for Multi-task Learning" (2020), the authors'
    released code; the others were found on validation data.
    """
    return _RECIPES.get(problem, Settings())
