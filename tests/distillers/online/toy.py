"""A small student and its single-task networks, trained online."""

import keras
from helpers import toy_data, toy_losses, toy_model, toy_teachers

import keras_mtkd as mtkd


def twin(model):
    """A copy with the same weights."""
    copy = keras.models.clone_model(model)
    copy.set_weights(model.get_weights())
    return copy


def online(student=None, singles=None, distillation=None, **arguments):
    """An `OnlineKD` of the toy models, not compiled."""
    ways = [mtkd.FeatureDistillation("features")] if distillation is None else distillation
    return mtkd.OnlineKD(student or toy_model(), singles or toy_teachers(), ways, **arguments)


def compiled(model, **arguments):
    defaults = {"optimizer": keras.optimizers.SGD(0.05, momentum=0.9), "loss": toy_losses()}
    model.compile(**{**defaults, **arguments})
    return model


def fit(model, epochs=1, batch_size=24, data=None, **kwargs):
    x, y, *rest = data or toy_data()
    weights = {"sample_weight": rest[0]} if rest else {}
    arguments = {"batch_size": batch_size, "epochs": epochs, "shuffle": False, "verbose": 0}
    return model.fit(x, y, **arguments, **weights, **kwargs).history
