"""What all measures of similarity have in common."""

import inspect
from functools import partial

import numpy as np
import pytest

from keras_mtkd import similarity
from keras_mtkd.similarity import _registry, dds, gradient_cosine, linear_cka, rbf_cka

SIDES = ["x", "y"]
# Those that are known by a name, and others of their settings.
MEASURES = {
    **_registry.MEASURES,
    "rbf-cka-debiased": partial(rbf_cka, debiased=True),
    "dds-linear": partial(dds, kernel="linear"),
    "dds-rbf": partial(dds, kernel="rbf"),
}
ROTATION_INVARIANT = ["cka", "cka-debiased", "rbf-cka", "rbf-cka-debiased"]


def test_every_measure_of_two_features_has_a_name_and_is_public():
    public = {getattr(similarity, name) for name in similarity.__all__}
    measures = {thing for thing in public if list(inspect.signature(thing).parameters)[:2] == SIDES}
    assert measures == {getattr(kept, "func", kept) for kept in _registry.MEASURES.values()}


@pytest.mark.parametrize("name", MEASURES)
class TestInvariants:
    def test_a_feature_is_like_itself(self, name, pair):
        assert MEASURES[name](pair[0], pair[0]) == pytest.approx(1.0)

    def test_a_number_and_the_features_as_they_were(self, name, pair):
        x, y = (each.astype("float64") for each in pair)
        assert isinstance(MEASURES[name](x, y), float)
        for now, before in zip((x, y), pair, strict=True):
            np.testing.assert_array_equal(now, before)

    def test_symmetry(self, name, pair):
        x, y = pair
        assert MEASURES[name](x, y) == pytest.approx(MEASURES[name](y, x))

    def test_isotropic_scale_does_not_matter(self, name, pair):
        x, y = pair
        assert MEASURES[name](3.0 * x, 0.1 * y) == pytest.approx(MEASURES[name](x, y), rel=1e-6)

    def test_order_of_samples_does_not_matter(self, name, pair):
        x, y = pair
        order = np.random.default_rng(1).permutation(len(x))
        assert MEASURES[name](x[order], y[order]) == pytest.approx(MEASURES[name](x, y))

    def test_a_constant_feature_is_like_nothing(self, name, pair):
        assert MEASURES[name](np.ones_like(pair[0]), pair[1]) == pytest.approx(0.0, abs=1e-9)

    def test_maps_are_flattened(self, name, pair):
        x, y = pair
        assert MEASURES[name](x.reshape(40, 2, 3), y) == pytest.approx(MEASURES[name](x, y))

    def test_samples_must_agree(self, name, pair):
        with pytest.raises(ValueError, match="40 and 39 samples"):
            MEASURES[name](pair[0], pair[1][1:])

    def test_features_must_be_finite(self, name, pair):
        with pytest.raises(ValueError, match="must be finite"):
            MEASURES[name](pair[0] * np.nan, pair[1])


@pytest.mark.parametrize("name", ROTATION_INVARIANT)
def test_rotation_does_not_matter(name, pair):
    x, y = pair
    rotation, _ = np.linalg.qr(np.random.default_rng(2).normal(size=(6, 6)))
    assert MEASURES[name](x @ rotation, y) == pytest.approx(MEASURES[name](x, y), rel=1e-8)


def test_too_few_samples_and_bad_arguments():
    x = np.zeros((3, 2))
    with pytest.raises(ValueError, match="at least 4 samples. Received: 3"):
        linear_cka(x, x, debiased=True)
    with pytest.raises(ValueError, match="at least 2 samples"):
        linear_cka(x[:1], x[:1])
    with pytest.raises(ValueError, match="Received: sigma=0"):
        rbf_cka(x, x, sigma=0)
    with pytest.raises(ValueError, match="Received: kernel='cubic'"):
        dds(x, x, "cubic")
    with pytest.raises(ValueError, match=r"Received: shape \(3, 2\)"):
        gradient_cosine(x)
