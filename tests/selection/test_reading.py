import keras
import numpy as np
import pytest

from keras_mtkd.selection.reading import read_classifier
from selection.classifiers import classifier, data


class TestReading:
    def test_probabilities_are_the_models(self):
        model, (x, _) = classifier(4), data()
        reading = read_classifier(model)
        expected = np.array(keras.ops.softmax(model(x) / 2.0))
        found = reading.probabilities(reading.embed(x), temperature=2.0)
        np.testing.assert_allclose(found, expected, atol=1e-6)

    def test_nested_heads_need_the_layer_before(self):
        model, (x, _) = classifier(4, nested=True), data()
        with pytest.raises(ValueError, match="inside a nested model. Pass `layer`"):
            read_classifier(model)
        reading = read_classifier(model, "head.logits", "features")
        expected = np.array(keras.ops.softmax(model(x)))
        np.testing.assert_allclose(reading.probabilities(reading.embed(x)), expected, atol=1e-6)

    def test_refusals(self):
        inputs = keras.Input((6,))
        with pytest.raises(ValueError, match="has no Dense layer"):
            read_classifier(keras.Model(inputs, keras.layers.ReLU()(inputs)))
        with pytest.raises(ValueError, match="no layer 'x'"):
            read_classifier(classifier(3), "x")
        normed = keras.layers.LayerNormalization(name="norm")(inputs)
        with pytest.raises(ValueError, match="must be a Dense layer"):
            read_classifier(keras.Model(inputs, normed), "norm")
