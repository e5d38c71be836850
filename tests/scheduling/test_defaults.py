import inspect

import pytest

from keras_mtkd.callbacks import SequentialDistillation
from keras_mtkd.scheduling import stage_starts, stage_weights


@pytest.mark.parametrize("function", [stage_starts, stage_weights])
def test_defaults_are_those_of_the_callback(function):
    theirs = inspect.signature(SequentialDistillation).parameters
    for name, argument in inspect.signature(function).parameters.items():
        if argument.default is not argument.empty and name in theirs and name != "complexity":
            assert argument.default == theirs[name].default, name
