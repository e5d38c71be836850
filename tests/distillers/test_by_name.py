import numpy as np
import pytest
from helpers import toy_data, toy_losses, toy_model

import keras_mtkd as mtkd
from keras_mtkd.distillers.by_name import by_name


def test_what_follows_x_and_y():
    assert by_name("fit", (16, 3), {"shuffle": False}) == {
        "batch_size": 16,
        "epochs": 3,
        "shuffle": False,
    }
    assert by_name("evaluate", (None, 0, [1.0]), {"_use_cached_eval_dataset": True}) == {
        "batch_size": None,
        "verbose": 0,
        "sample_weight": [1.0],
        "_use_cached_eval_dataset": True,
    }
    assert by_name("fit", (), {}) == {}
    assert by_name("fit", (np.int64(4),), {}) == {"batch_size": 4}


@pytest.mark.parametrize("size", [{"a": np.ones(2)}, np.ones(2), [1.0, 1.0], "16", 16.5], ids=str)
def test_weights_that_are_taken_for_the_batch_size(size):
    for method in ("fit", "evaluate"):
        message = rf"whole number.*{type(size).__name__}.*`{method}\(x, y, sample_weight=...\)`"
        with pytest.raises(TypeError, match=message):
            by_name(method, (size,), {})
        with pytest.raises(TypeError, match=message):
            by_name(method, (), {"batch_size": size})


def test_python_tells_of_arguments_that_come_twice_or_are_not_there():
    with pytest.raises(TypeError, match="multiple values for argument 'batch_size'"):
        by_name("fit", (16,), {"batch_size": 16})
    with pytest.raises(TypeError, match="too many positional"):
        by_name("evaluate", (None,) * 20, {})


def test_of_a_model():
    model = mtkd.MultiTaskModel(toy_model())
    model.compile("sgd", loss=toy_losses())
    x, y = toy_data()
    weights = {task: np.ones(len(x)) for task in y}
    for call in (model.fit, model.evaluate):
        with pytest.raises(TypeError, match="sample_weight="):
            call(x, y, weights)
