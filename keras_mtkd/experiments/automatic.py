"""The automatic choice by name."""

from keras_mtkd.experiments._registry import register
from keras_mtkd.experiments.auto_method import CANDIDATES, AutoMethod
from keras_mtkd.experiments.ways import nothing

register(
    {
        "auto": AutoMethod(
            "Automatic choice",
            nothing,
            summary="The best of several methods by short trials on validation data.",
            candidates=CANDIDATES,
        )
    },
    family="The automatic choice: no time to read, three trainings' worth of it to spend",
)
