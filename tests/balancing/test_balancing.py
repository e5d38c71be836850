import keras
import pytest

import keras_mtkd as mtkd
from balancing.linear_problem import student
from keras_mtkd.balancing import Balancing


class TestArguments:
    @pytest.mark.parametrize(
        ("options", "message"),
        [
            ({"level": "loss"}, r"`level` must be one of .*'loss'"),
            ({"objectives": "some"}, r"`objectives` must be one of .*'some'"),
            ({"weight_heads": True}, "`weight_heads` needs"),
            ({"level": "parameters", "layer": "shared"}, "`layer` is where gradients"),
        ],
    )
    def test_options_that_do_not_fit(self, options, message):
        with pytest.raises(ValueError, match=message):
            Balancing("mgda", **options)

    def test_options_for_gradients_only(self):
        with pytest.raises(ValueError, match="`times_tasks` is for gradients"):
            Balancing("dwa", times_tasks=True)

    def test_what_is_no_method(self):
        with pytest.raises(TypeError, match="method"):
            mtkd.MultiTaskDistiller(student(), {}, balancing=3)


def test_loss_weightings_have_no_gradients_to_record():
    with pytest.raises(ValueError, match="`record` needs a method of gradients"):
        Balancing("dwa", record=True)
    restored = Balancing.from_config(Balancing("sum", record=True).get_config())
    assert restored.record
    assert "record=True" in repr(restored)


def test_the_old_word_is_refused_by_the_constructor_and_read_in_files():
    with pytest.raises(ValueError, match="'two_level'` is called 'hierarchical' since 0.2"):
        Balancing("cagrad", objectives="two_level")
    balancing = Balancing("cagrad", objectives="hierarchical")
    saved = keras.saving.serialize_keras_object(balancing)
    saved["config"]["objectives"] = "two_level"
    loaded = keras.saving.deserialize_keras_object(saved)
    assert repr(loaded) == repr(balancing)
    assert "objectives='hierarchical'" in repr(loaded)
