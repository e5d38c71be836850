"""Which inputs an embedding looks up."""

import keras
from keras import layers, ops

from keras_mtkd._graph.embedded import embedded_inputs


def tokens(name="tokens"):
    return keras.Input((5,), dtype="int32", name=name)


def found(model):
    return [(place, layer.input_dim) for place, layer in embedded_inputs(model)]


def test_of_several_inputs():
    other, words, tags = keras.Input((5,), name="other"), tokens("words"), tokens("tags")
    shared = layers.Embedding(7, 2)
    x = layers.Concatenate()([shared(words), layers.Embedding(9, 2)(tags), shared(tags)])
    model = keras.Model([other, words, tags], {"a": x, "b": layers.Dense(1)(other)})
    assert sorted(found(model)) == [(1, 7), (2, 7), (2, 9)]


def test_in_nested_models_and_past_what_changes_no_number():
    inner = tokens()
    encoder = keras.Model(inner, layers.Embedding(7, 2)(layers.Reshape((5, 1))(inner)))
    outer = keras.Input((5,), name="floats")
    model = keras.Model(outer, {"a": encoder(ops.cast(layers.Identity()(outer), "int32"))})
    assert found(model) == [(0, 7)]
    around = keras.Sequential([keras.Input((5,)), encoder])
    assert found(around) == [(0, 7)]


class Own(layers.Embedding):
    def call(self, inputs):
        return super().call(inputs % self.input_dim)


def test_what_is_changed_before_or_looked_up_otherwise_is_not():
    inputs = tokens()
    for looked_up in (
        layers.Embedding(7, 2)(inputs % 7),
        layers.Embedding(7, 2)(ops.clip(inputs, 0, 6)),
        layers.Embedding(7, 2)(inputs[:, :2]),
        Own(7, 2)(inputs),
        layers.Dense(2)(inputs),
    ):
        assert found(keras.Model(inputs, {"a": looked_up})) == []
