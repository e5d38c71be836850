"""The three tasks of dense prediction on SegNet, as a problem."""

from typing import Any

import keras

from keras_mtkd.losses import MaskedMeanAbsoluteError, NormalCosine
from keras_mtkd.metrics import (
    DepthError,
    MeanIoUPerImage,
    NormalAngle,
    NormalMedianAngle,
    NormalWithin,
    PixelAccuracy,
)
from keras_mtkd.models.segnet import segnet_backbone, segnet_head
from keras_mtkd.problem import Problem
from keras_mtkd.task import Task

_ANGLES = (11.25, 22.5, 30.0)
UNLABELLED = -1


def dense_problem(
    name: str,
    classes: int,
    shape: tuple[int, int, int],
    widths: tuple[int, ...],
    parts: list[Any],
    tasks: tuple[str, ...] = ("semantic", "depth", "normal"),
) -> Problem:
    """A problem of segmentation, depth and surface normals on SegNet.

    Args:
        name: Name of the problem.
        classes: Number of semantic classes, where that is a task.
        shape: Of the pictures.
        widths: Channels of SegNet's stages.
        parts: Training, validation and test data.
        tasks: Those of the three that there are labels for.
    """
    train, validation, test = parts
    makers = {
        "semantic": lambda: _semantic(classes, widths),
        "depth": lambda: _depth(widths),
        "normal": lambda: _normal(widths),
    }
    return Problem(
        name,
        [makers[task]() for task in tasks],
        lambda: segnet_backbone(shape, widths=widths),
        train,
        validation,
        test,
        taps=("encoder", "decoder"),
    )


def _semantic(classes: int, widths: tuple[int, ...]) -> Task:
    return Task(
        "semantic",
        lambda: segnet_head(widths[0], classes),
        keras.losses.SparseCategoricalCrossentropy(from_logits=True, ignore_class=UNLABELLED),
        [
            keras.metrics.MeanIoU(
                classes, ignore_class=UNLABELLED, sparse_y_pred=False, name="mean_iou"
            ),
            MeanIoUPerImage(classes, UNLABELLED),
            PixelAccuracy(UNLABELLED),
        ],
    )


def _depth(widths: tuple[int, ...]) -> Task:
    return Task(
        "depth",
        lambda: segnet_head(widths[0], 1),
        MaskedMeanAbsoluteError(),
        [DepthError(), DepthError(relative=True)],
        higher_is_better=False,
    )


def _normal(widths: tuple[int, ...]) -> Task:
    return Task(
        "normal",
        lambda: segnet_head(widths[0], 3, unit=True),
        NormalCosine(),
        [NormalAngle(), NormalMedianAngle(), *(NormalWithin(angle) for angle in _ANGLES)],
        higher_is_better=False,
    )
