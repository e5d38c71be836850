"""Whose line a warning names."""

import threading

import pytest

from keras_mtkd._backend.warn import warn
from keras_mtkd.callbacks import DeltaMTL


def called_from(name, function):
    """What calls a function by the second line of a module of this name."""
    space = {"__name__": name, "function": function}
    exec(compile("def call(*given):\n    function(*given)", f"{name}.py", "exec"), space)
    return space["call"]


def place_of(call, message):
    with pytest.warns(UserWarning, match=message) as caught:
        call()
    return [(one.filename, one.lineno) for one in caught]


def test_the_place_is_the_users_call_however_deep_frameworks_are():
    deep = warn
    for name in ("keras_mtkd.x", "contextlib", "keras.trainers.x", "jax.core", "keras_mtkd.y"):
        deep = called_from(name, deep)
    user = called_from("users", deep)
    assert place_of(lambda: user("here"), "here") == [("users.py", 2)]


def test_in_a_thread_of_frameworks_the_place_is_what_warns():
    thread = threading.Thread(target=called_from("keras.x", warn), args=["here"])

    def run():
        thread.start()
        thread.join()

    assert place_of(run, "here") == [("keras.x.py", 2)]


def test_what_a_callback_says_names_the_line_that_trains():
    fit = called_from("users", called_from("keras.x", DeltaMTL([]).on_train_end))
    assert place_of(fit, "No epoch was validated") == [("users.py", 2)]
