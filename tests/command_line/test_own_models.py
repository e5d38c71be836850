"""Teachers and students of the user's own."""

import keras
import pytest

from keras_mtkd.command_line import own_models

SOURCE = """
import keras

def teachers(problem, seed):
    inputs = keras.Input((problem,))
    return {"a": keras.Model(inputs, keras.layers.Dense(seed)(inputs))}

def student(problem):
    inputs = keras.Input((problem,))
    return keras.Model(inputs, {"a": keras.layers.Dense(1)(inputs)})

def shared(problem):
    return teachers(problem, 2)

def a_list(problem):
    return [1]

def half(problem):
    return {"a": teachers(problem, 1)["a"], "b": 3}
"""


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    path = tmp_path_factory.mktemp("models") / "own_models_of_a_user.py"
    path.write_text(SOURCE)
    return path


def test_teachers_know_problem_and_seed(place):
    made = own_models.teachers(f"{place}:teachers", lambda: 4, 7)
    assert (made["a"].input_shape, made["a"].output_shape) == ((None, 4), (None, 7))


def test_teachers_of_all_seeds_are_made_once(place):
    shared = own_models.for_seeds(f"{place}:shared", lambda: 4, workers=1)
    assert list(shared) == ["a"]
    # Which other processes import.
    assert callable(own_models.for_seeds(f"{place}:shared", lambda: 4, workers=2))
    by_seed = own_models.for_seeds(f"{place}:teachers", lambda: 4, workers=1)
    assert by_seed(3)["a"].output_shape == (None, 3)


def test_a_student_is_new_at_every_call(place):
    one, two = (own_models.student(f"{place}:student", 4) for _ in range(2))
    assert isinstance(one, keras.Model)
    assert one is not two


@pytest.mark.parametrize(
    ("name", "returned"), [("a_list", "list"), ("half", "{'a': Functional, 'b': int}")]
)
def test_what_are_no_teachers_is_told(place, name, returned):
    with pytest.raises(ValueError) as raised:
        own_models.teachers(f"{place}:{name}", lambda: 4, 0)
    assert str(raised.value) == (
        f"`{place}:{name}` must return the teachers, `{{task: keras.Model}}`. "
        f"It returned {returned}."
    )


def test_what_is_no_student_is_told(place):
    with pytest.raises(ValueError, match="must return a new `keras.Model`. It returned list."):
        own_models.student(f"{place}:a_list", 4)
