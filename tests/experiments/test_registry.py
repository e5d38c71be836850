"""Methods of comparisons by name."""

from dataclasses import replace

from keras_mtkd.experiments import Method, _registry
from keras_mtkd.experiments.ways import nothing

MINE = Method("My logits", nothing)


def test_a_family_enters_itself(monkeypatch):
    monkeypatch.setattr(_registry, "METHODS", {})
    monkeypatch.setattr(_registry, "FAMILIES", {})
    monkeypatch.setattr(_registry, "METHOD_GROUPS", {"z": ("other",)})
    named = _registry.register({"mine": MINE}, group="a")
    assert named["mine"] == replace(MINE, name="mine") == _registry.METHODS["mine"]
    assert list(_registry.METHOD_GROUPS.items()) == [("a", ("mine",)), ("z", ("other",))]


def test_methods_that_come_again_take_the_place_of_the_old_ones(monkeypatch):
    monkeypatch.setattr(_registry, "METHODS", {})
    monkeypatch.setattr(_registry, "FAMILIES", {})
    monkeypatch.setattr(_registry, "METHOD_GROUPS", {})
    _registry.register({"one": MINE, "two": MINE})
    _registry.register({"one": replace(MINE, title="Later")})
    assert list(_registry.METHODS) == ["one", "two"]
    assert _registry.METHODS["one"].title == "Later"
    assert _registry.METHOD_GROUPS == {}


def test_families_of_one_group_and_methods_that_change_their_family(monkeypatch):
    for name in ("METHODS", "METHOD_GROUPS", "FAMILIES"):
        monkeypatch.setattr(_registry, name, {})
    _registry.register({"one": MINE, "two": MINE}, group="all", family="Here: for this")
    _registry.register({"three": MINE}, group="all", family="There: for that")
    assert _registry.METHOD_GROUPS == {"all": ("one", "two", "three")}
    _registry.register({"one": MINE}, group="all")
    assert _registry.METHOD_GROUPS == {"all": ("one", "two", "three")}
    assert _registry.FAMILIES == {
        "Here: for this": ("two",),
        "There: for that": ("three",),
        _registry.OTHERS: ("one",),
    }
