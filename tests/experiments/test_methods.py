"""Methods by name."""

from keras_mtkd.experiments import METHOD_GROUPS, METHODS


def test_families_come_in_order():
    assert list(METHODS)[:5] == ["uniform", "mtlkd", "logits", "mtlkd-fill", "logits-fill"]
    groups = {name: METHOD_GROUPS[name] for name in ("scd-variants", "balancing")}
    rest = [name for group in groups.values() for name in group]
    assert list(METHODS)[5:] == ["online-kd", "online-kd-equal", *rest]
    assert groups["scd-variants"][:2] == ("scd", "scd-reversed")
    assert list(METHOD_GROUPS) == ["balancing", "scd-variants"]
