import warnings

import numpy as np

from keras_mtkd.distillers.schedule_state import ScheduleState


def kept(state):
    store = {}
    state.save_own_variables(store)
    return {name: np.array(value) for name, value in store.items()}


def test_measurements_come_back():
    state, again = ScheduleState(["a", "b"]), ScheduleState(["a", "b"])
    assert (state.complexity, state.teacher_losses) == (None, None)
    state.complexity, state.teacher_losses = {"a": 0.5}, {"a": 0.25, "b": 2.0}
    again.load_own_variables(kept(state))
    assert again.complexity == {"a": 0.5}
    assert again.teacher_losses == {"a": 0.25, "b": 2.0}


def test_files_without_teachers_losses_load():
    state, again = ScheduleState(["a", "b"]), ScheduleState(["a", "b"])
    state.queue, state.complexity = [["b"], ["a"]], {"a": 0.5}
    old = kept(state)
    del old[max(old)]
    again.teacher_losses = {"a": 1.0, "b": 1.0}
    again.load_own_variables(old)
    assert again.queue == [["b"], ["a"]]
    assert again.complexity == {"a": 0.5}
    assert again.teacher_losses is None


def test_reading_is_silent():
    state = ScheduleState(["a", "b"])
    state.queue, state.complexity = [["b"], ["a"]], {"a": 0.5}
    with warnings.catch_warnings():
        # Of a copy that a variable of Keras does not offer to NumPy.
        warnings.simplefilter("error", DeprecationWarning)
        assert (state.queue, state.complexity) == ([["b"], ["a"]], {"a": 0.5})
