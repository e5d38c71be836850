"""Which errors are shown above those that quote them."""

import pytest

from keras_mtkd._backend.causes import cause_of
from keras_mtkd._backend.choices import check_choice


def caught(function):
    with pytest.raises(ValueError) as info:
        function()
    return info.value


def test_errors_of_this_package_are_quoted_and_no_more():
    assert cause_of(caught(lambda: check_choice("shape", "round", ["linear"]))) is None


def test_errors_of_others_tell_where_they_come_from():
    error = caught(lambda: int("one"))
    assert cause_of(error) is error
    assert cause_of(unraised := ValueError("never raised")) is unraised


def test_what_was_worth_showing_once_stays_so():
    error = caught(lambda: check_choice("shape", "round", ["linear"]))
    error.__cause__ = ValueError("a layer of the user's")
    assert cause_of(error) is error
