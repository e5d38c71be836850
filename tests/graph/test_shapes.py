import pytest

from keras_mtkd._graph.shapes import differ


@pytest.mark.parametrize(
    ("one", "other", "apart"),
    [
        ((None, 3), (8, 3), False),
        ((None, None), (8, 3), False),
        ((8, 3), (8, 4), True),
        ((8, 3), (8, 3, 1), True),
        ((), (), False),
    ],
)
def test_only_known_sizes_tell_shapes_apart(one, other, apart):
    assert differ(one, other) is apart
    assert differ(other, one) is apart
