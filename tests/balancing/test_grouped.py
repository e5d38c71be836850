"""A method within groups, recorded or as it is."""

from keras_mtkd.balancing import get
from keras_mtkd.balancing._hierarchical import Hierarchical, HierarchicalWeighting
from keras_mtkd.balancing.aggregation.recorded import Recorded
from keras_mtkd.balancing.grouped import grouped

GROUPS = [[0, 2], [1]]
MADE = [Hierarchical("cagrad", GROUPS), HierarchicalWeighting("gls", GROUPS)]


def test_the_family_of_the_method_chooses():
    for method in MADE:
        assert type(grouped(method.method, GROUPS)) is type(method)
        assert grouped(method.method, None) is method.method


def test_groups_are_recorded_as_one_list():
    method = grouped(get("edm"), [[0, 1], [2]], record=True)
    assert isinstance(method, Recorded)
    assert isinstance(method.method, Hierarchical)
    assert grouped(get("edm"), None, record=False) is not method.method
