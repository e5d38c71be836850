"""Methods by name: entered, found, made."""

import keras
import pytest

from keras_mtkd import balancing
from keras_mtkd.balancing import registry
from keras_mtkd.balancing.base import Method


@pytest.fixture
def _empty(monkeypatch):
    monkeypatch.setattr(registry, "METHODS", {})
    monkeypatch.setattr(registry, "_EXAMPLES", {})


class Mine(Method):
    pass


class Other(Mine):
    pass


@pytest.mark.usefixtures("_empty")
def test_a_method_enters_itself_and_is_made_by_its_name():
    assert registry.register("mine")(Mine) is Mine
    assert {"mine": Mine} == registry.METHODS
    assert type(registry.get("mine")) is Mine
    with pytest.raises(ValueError, match=r"must be one of \['mine'\]. Received: 'mene'"):
        registry.get("mene")


@pytest.mark.usefixtures("_empty")
def test_names_of_a_kind_are_in_alphabetical_order():
    for name, kind in (("z", Other), ("b", Mine), ("a", Other)):
        registry.register(name)(kind)
    assert registry.names_of(Mine) == ["a", "b", "z"]
    assert registry.names_of(Other) == ["a", "z"]
    assert registry.names_of(balancing.GramMethod) == []


@pytest.mark.usefixtures("_empty")
def test_a_method_without_defaults_tells_how_to_make_one():
    registry.register("mine", example="Mine(3)")(Mine)
    with pytest.raises(ValueError, match=r"no defaults: pass one, as `Mine\(3\)`.*'mine'"):
        registry.get("mine")


def test_a_method_and_its_config_are_found_as_they_are():
    method = balancing.CAGrad(0.7)
    assert registry.get(method) is method
    assert repr(registry.get(keras.saving.serialize_keras_object(method))) == repr(method)


def test_get_takes_methods_only():
    with pytest.raises(TypeError, match="GramMethod"):
        balancing.get(3)
