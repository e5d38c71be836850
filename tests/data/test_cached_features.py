"""Features that come with a batch, and their names."""

from types import SimpleNamespace

import numpy as np
import pytest

from keras_mtkd._data import cached_features as cached

X = np.arange(6.0).reshape(3, 2)
FEATURES = {"one": X[:, :1], "other": X}


def test_features_that_were_attached_are_detached_again():
    x, features = cached.detach_features(cached.attach_features(X, FEATURES))
    assert x is X
    assert features == FEATURES


@pytest.mark.parametrize("x", [X, {"a": X}, {"__inputs__": X}, [X, X]], ids=lambda x: str(type(x)))
def test_inputs_without_features_pass_unchanged(x):
    found, features = cached.detach_features(x)
    assert found is x
    assert features is None


def test_a_key_tells_teacher_content_and_tap_apart():
    keys = {
        cached.feature_key(teacher, fingerprint, path, "depth")
        for teacher in ("a", "b")
        for fingerprint in ("1", "2")
        for path in ("features", None)
    }
    assert len(keys) == 8
    assert cached.feature_key("a", "1", "features", "depth") == "a|1|features"
    assert cached.feature_key("a", "1", None, "depth") == "a|1|prediction of depth"


@pytest.mark.parametrize(
    ("data", "keys"),
    [
        (SimpleNamespace(feature_keys=["one", "other"]), {"one", "other"}),
        (SimpleNamespace(element_spec=(cached.attach_features(X, FEATURES), X)), {"one", "other"}),
        (SimpleNamespace(element_spec=(X, X)), None),
        (cached.attach_features(X, FEATURES), {"one", "other"}),
        (X, None),
    ],
    ids=["cached data set", "pipeline", "plain pipeline", "inputs", "plain inputs"],
)
def test_the_names_of_features_that_come_with_data(data, keys):
    assert cached.keys_of(data) == keys


def test_missing_features_are_named():
    cached.require_features(FEATURES, ["one"])
    with pytest.raises(ValueError, match=r"Missing: \['new'\]. Received: \['one', 'other'\]"):
        cached.require_features(FEATURES, ["one", "new"])


def test_maps_are_averaged_to_the_resolution_of_the_stored_ones():
    maps = np.arange(2 * 4 * 6 * 3, dtype="float32").reshape(2, 4, 6, 3)
    found = cached.pool_like(maps, np.zeros((2, 2, 3, 5)))
    expected = maps.reshape(2, 2, 2, 3, 2, 3).mean(axis=(2, 4))
    np.testing.assert_allclose(found, expected, rtol=1e-6)


@pytest.mark.parametrize("shape", [(2, 3), (2, 4, 6, 3)], ids=str)
def test_vectors_and_maps_of_that_resolution_pass_unchanged(shape):
    tensor = np.zeros(shape)
    assert cached.pool_like(tensor, np.zeros((2, 4, 6, 9))) is tensor
