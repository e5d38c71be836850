"""Knowledge distillation for multi-task learning with Keras.

Train one model per task, measure, and distil them all into one multi-task student:

    import keras_mtkd as mtkd

    problem = mtkd.datasets.digits()
    teachers = mtkd.train_teachers(problem, epochs=20)
    student = mtkd.models.hard_sharing(problem.backbone(), problem.heads())
    distiller = mtkd.MultiTaskDistiller(
        student, teachers, distillation=[mtkd.FeatureDistillation("features")]
    )
"""

from typing import TYPE_CHECKING

from keras_mtkd._backend.first_use import imports_now, on_first_use
from keras_mtkd._backend.version import __version__

# All of it, so that Keras finds every class in files; the command says when, so that its help and
# its lists need no backend.
if TYPE_CHECKING or imports_now(__name__):
    from keras_mtkd import (
        balancing,
        callbacks,
        datasets,
        distribution,
        experiments,
        layers,
        losses,
        metrics,
        models,
        plots,
        scheduling,
        selection,
        similarity,
        teachers,
        tuning,
    )
    from keras_mtkd.distillation import (
        CrossTaskDistillation,
        Distillation,
        DistributionMatching,
        FeatureDistillation,
        KerasDistillation,
        LogitDistillation,
        SoftCoAnnotation,
    )
    from keras_mtkd.distillation.calibration import PlattCalibrator
    from keras_mtkd.distillation.label_coupling import LabelCoupling
    from keras_mtkd.distillation.spectral_regularizer import SpectralRegularizer
    from keras_mtkd.distillers.multi_task_distiller import MultiTaskDistiller
    from keras_mtkd.distillers.multi_task_model import MultiTaskModel
    from keras_mtkd.distillers.online import OnlineKD
    from keras_mtkd.problem import Problem
    from keras_mtkd.task import Task
    from keras_mtkd.teachers import train_teachers

__all__ = [
    "CrossTaskDistillation",
    "Distillation",
    "DistributionMatching",
    "FeatureDistillation",
    "KerasDistillation",
    "LabelCoupling",
    "LogitDistillation",
    "MultiTaskDistiller",
    "MultiTaskModel",
    "OnlineKD",
    "PlattCalibrator",
    "Problem",
    "SoftCoAnnotation",
    "SpectralRegularizer",
    "Task",
    "__version__",
    "balancing",
    "callbacks",
    "datasets",
    "distribution",
    "experiments",
    "layers",
    "losses",
    "metrics",
    "models",
    "plots",
    "scheduling",
    "selection",
    "similarity",
    "teachers",
    "train_teachers",
    "tuning",
]


def __dir__() -> list[str]:
    """The public names alone, as completion shows them."""
    return __all__


# With `__getattr__`, type checkers would take any name to be there.
if not TYPE_CHECKING:
    __getattr__ = on_first_use(__name__, __all__)
