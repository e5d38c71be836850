"""A distance of the user's, held to what the head gives."""

import keras
import pytest

from keras_mtkd import losses
from keras_mtkd.distillation._own_distance import complete_head, own_distance, takes_probabilities
from keras_mtkd.distillation.head import Head

CROSS = keras.losses.CategoricalCrossentropy
LOGITS, PROBABILITIES = Head("class", True), Head("class", False)


@pytest.mark.parametrize(
    ("loss", "expected"),
    [
        (CROSS(), True),
        (keras.losses.BinaryCrossentropy(), True),
        (keras.losses.MeanSquaredError(), False),
        (losses.LogitKL(), False),
        (losses.BinaryLogitKL(), False),
    ],
)
def test_takes_probabilities_for_labels(loss, expected):
    assert takes_probabilities(loss) is expected


class TestHead:
    def test_what_is_known_stays(self):
        assert complete_head(LOGITS, keras.losses.BinaryCrossentropy()) == LOGITS

    @pytest.mark.parametrize(
        ("loss", "expected"),
        [
            (CROSS(from_logits=True), Head("class", True)),
            (keras.losses.BinaryCrossentropy(), Head("binary", False)),
            (keras.losses.MeanSquaredError(), Head()),
            (losses.SelectPositions(CROSS(), 0.5, "student_entropy"), Head("class", False)),
        ],
    )
    def test_the_distance_tells_what_is_not(self, loss, expected):
        assert complete_head(Head(), loss) == expected


class TestReading:
    """Distances that read both sides as they are told."""

    @pytest.mark.parametrize("make", [losses.LogitKL, losses.BinaryLogitKL])
    def test_take_over_form_and_axis_of_the_head(self, make):
        found = own_distance("way", "a", make(temperature=3.0), Head("class", False, -2))
        assert type(found) is make
        assert (found.from_logits, found.axis, found.temperature) == (False, -2, 3.0)

    def test_stay_where_they_fit(self):
        loss = losses.LogitKL()
        assert own_distance("way", "a", loss, LOGITS) is loss
        assert own_distance("way", "a", loss, Head()) is loss

    def test_an_axis_that_was_chosen_stays(self):
        found = own_distance("way", "a", losses.LogitKL(axis=1), Head("class", True, -2))
        assert found.axis == 1

    def test_inside_of_a_choice_of_positions(self):
        choice = losses.SelectPositions(losses.LogitKL(temperature=3.0), 0.5, "student_entropy")
        found = own_distance("way", "a", choice, PROBABILITIES)
        assert (found.from_logits, found.loss.from_logits) == (False, False)
        assert found.loss.temperature == 3.0


class TestOthers:
    @pytest.mark.parametrize(
        ("loss", "head"),
        [
            (CROSS(), PROBABILITIES),
            (CROSS(from_logits=True), LOGITS),
            (CROSS(), Head("class")),
            (keras.losses.MeanSquaredError(), LOGITS),
        ],
    )
    def test_are_used_as_they_are(self, loss, head):
        assert own_distance("way", "a", loss, head) is loss

    @pytest.mark.parametrize(
        ("loss", "head", "message"),
        [
            (CROSS(), LOGITS, "takes probabilities, and the student gives logits.*logits=True"),
            (CROSS(True), PROBABILITIES, "takes logits, and the student gives prob.*logits=False"),
            (
                keras.losses.SparseCategoricalCrossentropy(),
                PROBABILITIES,
                "takes class numbers for labels, and teachers give none",
            ),
        ],
    )
    def test_that_do_not_fit_are_refused(self, loss, head, message):
        with pytest.raises(ValueError, match=f"'way' of task 'a': .*{message}"):
            own_distance("way", "a", loss, head)
