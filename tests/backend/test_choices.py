import pytest

from keras_mtkd._backend.choices import check_choice


@pytest.mark.parametrize("allowed", [("a", "b"), ["a", "b"], {"a": 1, "b": 2}])
def test_what_was_expected_and_what_came(allowed):
    told = r"^`x` must be one of \('a', 'b'\)\. Received: x=\['a'\]\.$"
    with pytest.raises(ValueError, match=told):
        check_choice("x", ["a"], allowed)


def test_a_known_word():
    check_choice("x", "b", ("a", "b"))
