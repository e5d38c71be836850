import keras
import numpy as np
import pytest

from keras_mtkd import losses
from keras_mtkd.losses.label_values import check_values

# Yes, no and -1 where nobody asked; as a file or a data frame may have them.
ANSWERS = np.array([[1.0], [0.0], [-1.0], [1.0]], "float32")
THERE = np.array([1.0, 5.0, 0.0, 1.0], "float32")


class Masked(keras.losses.BinaryCrossentropy):
    """What users write to leave out -1."""

    def call(self, y_true, y_pred):
        there = keras.ops.cast(y_true >= 0, y_pred.dtype)
        return keras.ops.mean(there * keras.ops.abs(y_true - y_pred), axis=-1)


BINARY = {
    "name": "binary_crossentropy",
    "focal": "binary_focal_crossentropy",
    "loss": keras.losses.BinaryCrossentropy(),
}
OTHERS = {
    "squared": "mse",
    "hinge": "hinge",
    "absolute": "mae",
    "subclass": Masked(),
    "function": lambda y, p: keras.ops.abs(y - p),
}


class TestAnswers:
    @pytest.mark.parametrize("loss", BINARY.values(), ids=BINARY)
    @pytest.mark.parametrize(
        "weight", [None, np.ones(4), np.ones((4, 1))], ids=["none", "flat", "column"]
    )
    def test_values_without_bound_are_refused(self, loss, weight):
        message = r"Task 'a': 1 labels are values such as -1\.0.*weight has to be 0.*mask_missing"
        with pytest.raises(ValueError, match=message):
            check_values("a", ANSWERS, losses.get(loss), weight)

    @pytest.mark.parametrize("weight", [THERE, THERE[:, None]])
    @pytest.mark.parametrize("labels", [ANSWERS, ANSWERS[:, 0], ANSWERS.astype(int)])
    def test_what_weighs_nothing_may_have_any_value(self, labels, weight):
        check_values("a", labels, losses.get("binary_crossentropy"), weight)

    def test_pixels(self):
        loss, pixels = losses.get("binary_crossentropy"), np.zeros((2, 3, 3, 1), "uint8")
        pixels[0, 1, 2] = 255
        there = (pixels[..., 0] == 0).astype("float32")
        with pytest.raises(ValueError, match="1 labels are values such as 255"):
            check_values("a", pixels, loss)
        for weight in (there, there[..., None], np.array([0.0, 1.0])):
            check_values("a", pixels, loss, weight)
        # Weights of other positions hold for the sample.
        check_values("a", pixels, loss, np.repeat([0.0, 1.0], 5).reshape(2, 5))
        with pytest.raises(ValueError, match="255"):
            check_values("a", pixels, loss, np.ones((2, 5)))

    @pytest.mark.parametrize(
        "labels", [[[True], [False]], [[0.3], [0.9]], [[-0.04], [1.1]]], ids=str
    )
    def test_shares_and_resized_masks(self, labels):
        check_values("a", np.array(labels), losses.get("binary_crossentropy"))

    @pytest.mark.parametrize("loss", OTHERS.values(), ids=OTHERS)
    def test_other_losses_may_mean_them(self, loss):
        check_values("a", ANSWERS, losses.get(loss))

    def test_one_hot_rows_of_nothing(self):
        rows = np.array([[1.0, 0.0], [-1.0, -1.0]])
        loss = losses.get("categorical_crossentropy")
        with pytest.raises(ValueError, match="2 labels are values such as -1"):
            check_values("a", rows, loss)
        check_values("a", rows, loss, np.array([1.0, 0.0]))
        check_values("a", 3 * np.maximum(rows, 0), loss)  # counts


class TestClasses:
    loss = keras.losses.SparseCategoricalCrossentropy()

    def test_negative_ones_that_count(self):
        classes = np.array([2.0, -1.0, 0.0])
        with pytest.raises(ValueError, match=r"1 class labels are negative.*have no weights"):
            check_values("a", classes, self.loss)
        with pytest.raises(ValueError, match=r"1 class labels.*have weights that are not 0"):
            check_values("a", classes, self.loss, np.ones(3))
        check_values("a", classes, self.loss, np.array([1.0, 0.0, 1.0]))

    def test_tokens(self):
        tokens, weight = np.array([[3, -100], [-100, -100]]), np.array([[1, 0], [0, 0]])
        check_values("a", tokens, self.loss, weight)
        with pytest.raises(ValueError, match="1 class labels are negative, such as -100"):
            check_values("a", tokens, self.loss, np.array([1, 0]))

    def test_an_ignored_class(self):
        ignoring = keras.losses.SparseCategoricalCrossentropy(ignore_class=-1)
        check_values("a", np.array([1, -1]), ignoring)
        with pytest.raises(ValueError, match="such as -2"):
            check_values("a", np.array([1, -2]), ignoring)
