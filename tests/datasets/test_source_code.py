import numpy as np
import pytest

import keras_mtkd as mtkd
from keras_mtkd.datasets.source_code import KINDS, tags

SIZES = {"train_size": 40, "validation_size": 20, "test_size": 30}
LETTERS = {kind: kind[0] for kind in KINDS} | {"blank": "."}


@pytest.fixture(scope="module")
def problem():
    return mtkd.datasets.source_code(steps=64, **SIZES)


def shown(text):
    """Kinds of the characters as their first letters, and the depths."""
    _, kind, depth = tags(text)
    return "".join(LETTERS[KINDS[each]] for each in kind), "".join(map(str, depth))


@pytest.mark.parametrize(
    ("text", "kinds", "depths"),
    [
        ("if f(10):\n", "kk.nonnoo.", "0000011000"),
        ("[(a, {b})]  # (\n", "oono.onooo..ccc.", "0122223210000000"),
        ('s = \'(\' + """\n)"""\n', "n.o.sss.o.ssssssss.", "0" * 19),
        ("f'{x} {(y)}'\n", "ssssssssssss.", "0" * 13),
    ],
    ids=["call", "brackets", "strings", "values in strings"],
)
def test_tags_are_those_of_the_tokens(text, kinds, depths):
    assert shown(text) == (kinds, depths)


def test_what_cannot_be_tokenised_is_tagged_as_far_as_it_can():
    kinds, depths = shown("a = (1\n")
    assert kinds.startswith("n.o.on")
    assert depths[5:] == "11"


def test_pieces_are_of_different_modules(problem):
    parts = [getattr(problem, name) for name in ("train", "validation", "test")]
    assert [len(part.x) for part in parts] == [40, 20, 30]
    for part in parts:
        assert part.x.shape == part.y["kind"].shape == part.y["depth"].shape == (len(part.x), 64)
        assert part.x.min() >= 0 and part.x.max() <= 96
        assert set(np.unique(part.y["depth"])) <= {0, 1, 2, 3}
    rows = [{row.tobytes() for row in part.x} for part in parts]
    assert not rows[0] & rows[1] and not rows[0] & rows[2]


def test_the_same_seed_gives_the_same_pieces(problem):
    again = mtkd.datasets.source_code(steps=64, **SIZES)
    np.testing.assert_array_equal(again.test.x, problem.test.x)


def test_labels_fit_the_student(problem):
    problem.validate(problem.student())


def test_sizes_are_checked():
    with pytest.raises(ValueError, match=r"Sizes must be positive. Received: \(0, 40, 20, 30"):
        mtkd.datasets.source_code(steps=0, **SIZES)
