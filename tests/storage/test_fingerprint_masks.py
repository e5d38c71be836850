"""Graphs without the operations that only restate masks of layers."""

import copy

from keras_mtkd._storage.fingerprint_masks import without_own_masks


def tensor(name, place=0):
    return {"class_name": "__keras_tensor__", "config": {"keras_history": [name, 0, place]}}


def layer(name, kind, *args, module="keras.layers", config=None, **kwargs):
    nodes = [{"args": list(args), "kwargs": kwargs}] if args else []
    return {
        "name": name,
        "class_name": kind,
        "module": module,
        "config": config or {},
        "inbound_nodes": nodes,
    }


def operation(name, kind, *args):
    return layer(name, kind, *args, module="keras.ops")


def embedded(number=0, mask_zero=True, module="keras.layers"):
    """A graph as Keras 3.15 writes it: the mask of an embedding is handed to a recurrent layer."""
    return [
        layer("words", "InputLayer"),
        layer(
            "vectors", "Embedding", tensor("words"), module=module, config={"mask_zero": mask_zero}
        ),
        operation("mask", "NotEqual", tensor("words"), number),
        layer("read", "GRU", tensor("vectors"), mask=tensor("mask"), training=False),
    ]


def masking(value=-1.0, compared=-1.0):
    return [
        layer("x", "InputLayer"),
        layer("known", "Masking", tensor("x"), config={"mask_value": value}),
        operation("differs", "NotEqual", tensor("x"), compared),
        operation("mask", "Any", tensor("differs")),
        layer("read", "GRU", tensor("known"), mask=tensor("mask")),
    ]


def names(layers):
    return [each["name"] for each in layers]


def test_the_mask_of_an_embedding_is_left_out_where_it_is_made_and_where_it_is_handed_on():
    given = embedded()
    before = copy.deepcopy(given)
    found = without_own_masks(given)
    assert names(found) == ["words", "vectors", "read"]
    assert found[-1]["inbound_nodes"] == [
        {"args": [tensor("vectors")], "kwargs": {"training": False}}
    ]
    assert given == before


def test_the_mask_of_masking_is_two_operations():
    found = without_own_masks(masking())
    assert names(found) == ["x", "known", "read"]
    assert found[-1]["inbound_nodes"][0]["kwargs"] == {}


def test_an_operation_that_something_else_needs_stays():
    given = [*embedded(), operation("count", "Sum", tensor("mask"))]
    assert names(without_own_masks(given)) == ["words", "vectors", "mask", "read", "count"]


def test_comparisons_that_make_no_layers_mask_stay():
    for graph in (
        embedded(number=1),
        embedded(mask_zero=False),
        embedded(module="users.own"),
        masking(compared=0.0),
    ):
        assert without_own_masks(graph) == graph


def test_a_graph_without_masks_is_given_back():
    graph = [layer("x", "InputLayer"), layer("dense", "Dense", tensor("x"), activation="relu")]
    assert without_own_masks(graph) is graph
