import re

import pytest

from keras_mtkd.datasets.scale import check_scale


@pytest.mark.parametrize("scale", [0, -1, 1.5, True])
def test_what_is_no_factor_is_refused(scale):
    message = f"`scale` must be a whole number from 1. Received: scale={scale!r}."
    with pytest.raises(ValueError, match=re.escape(message)):
        check_scale(scale)


def test_a_factor_is_taken():
    check_scale(4)
