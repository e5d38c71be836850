"""Methods by name, and those that a user gives."""

from dataclasses import replace

import pytest

from keras_mtkd.distillation import LogitDistillation
from keras_mtkd.experiments import METHOD_GROUPS, METHODS, Method, known_methods
from keras_mtkd.experiments.methods import expand_methods, families, listed_methods, title_of


def logits(weight):
    return lambda problem, settings: [LogitDistillation(weight=weight)]


MINE = Method("My logits", logits(2.0))


def test_families_come_in_order():
    plain = ["uniform", "mtlkd", "logits", "mtlkd-fill", "logits-fill"]
    assert list(METHODS)[:6] == [*plain, "auto"]
    groups = {name: METHOD_GROUPS[name] for name in ("scd-variants", "balancing")}
    rest = [name for group in groups.values() for name in group]
    assert list(METHODS)[6:] == ["online-kd", "online-kd-equal", *rest]
    assert groups["scd-variants"][:2] == ("scd", "scd-reversed")
    assert list(METHOD_GROUPS) == ["balancing", "scd-variants"]


def test_families_hold_every_method_once_with_what_it_is_for():
    names = [name for family in families().values() for name in family]
    assert names == known_methods()
    first = next(iter(families().values()))
    assert list(first) == ["single", "uniform"]
    summaries = {name: line for family in families().values() for name, line in family.items()}
    assert {name: summaries[name] for name in METHODS} == {
        name: method.summary for name, method in METHODS.items()
    }


def test_every_method_has_its_name_and_does_something_else():
    assert {name: method.name for name, method in METHODS.items()} == {
        name: name for name in METHODS
    }
    assert len({method.fingerprint() for method in METHODS.values()}) == len(METHODS)


def test_names_and_methods_mix():
    found = expand_methods(["single", MINE, "mtlkd", MINE, "mtlkd"])
    assert found == {"single": None, "my-logits": MINE, "mtlkd": METHODS["mtlkd"]}
    assert list(found) == ["single", "my-logits", "mtlkd"]
    # Nothing was entered anywhere.
    assert "my-logits" not in known_methods()


def test_a_method_put_into_the_list_by_hand_has_the_name_that_it_has_there(monkeypatch):
    monkeypatch.setitem(METHODS, "by-hand", MINE)
    assert expand_methods(["by-hand"]) == {"by-hand": replace(MINE, name="by-hand")}


def test_a_known_method_may_have_another_title():
    called = replace(METHODS["mtlkd"], title="KD4MTL")
    assert expand_methods([called]) == {"mtlkd": called}
    with pytest.raises(ValueError, match="Two methods are called 'mtlkd'.*'KD4MTL', 'MTLKD'"):
        expand_methods([called, "mtlkd"])


@pytest.mark.parametrize("name", ["mtlkd", "single", "teachers", "balancing"])
def test_a_name_that_stands_for_something_else_is_refused(name):
    with pytest.raises(ValueError, match=f"'{name}' is the name of something else.*'My logits'"):
        expand_methods([replace(MINE, name=name)])


def test_two_methods_of_one_name_are_refused():
    with pytest.raises(ValueError, match="Two methods are called 'my-logits'"):
        expand_methods([MINE, Method("My logits", logits(3.0))])


def test_what_is_no_method_is_refused():
    with pytest.raises(TypeError, match="must be a name or a.*Method.*type function"):
        expand_methods([logits])


def test_one_method_wants_a_list():
    with pytest.raises(TypeError, match=r"one of type Method. Pass `methods=\[method\]`"):
        expand_methods(MINE)
    with pytest.raises(TypeError, match=r"methods=None. Pass"):
        listed_methods(None)
    assert listed_methods(iter(("single", MINE))) == ["single", MINE]


def test_titles():
    assert title_of("single") == "Single"
    assert title_of("mtlkd") == "MTLKD"
    assert title_of("unheard") == "unheard"


def test_the_registry_holds_what_the_documentation_names():
    assert {"uniform", "mtlkd", "logits"} <= set(METHODS)


def test_a_group_is_short_for_its_methods():
    expanded = list(expand_methods(["single", "dwa", "balancing", "mtlkd", "dwa"]))
    assert expanded[:2] == ["single", "dwa"]
    assert expanded[-1] == "mtlkd"
    assert sorted(expanded) == sorted(["single", "mtlkd", *METHOD_GROUPS["balancing"]])
    assert not METHOD_GROUPS.keys() & {*METHODS, "single"}
    assert all(name in METHODS for group in METHOD_GROUPS.values() for name in group)
