import keras
import numpy as np
import pytest
from helpers import toy_data

from keras_mtkd.datasets import ArrayDataset, join


def source(task, samples, batch_size=4, seed=0):
    x, y = toy_data(seed, samples)
    x[:, 0] = np.arange(samples)
    return ArrayDataset(x, {task: y[task]}, batch_size=batch_size)


def epoch(stream):
    return [stream[index] for index in range(stream.num_batches)]


class TestJoin:
    def test_mixed_batches_have_all_sources(self):
        stream = join({"one": source("a", 12), "two": source("b", 4)})
        batches = epoch(stream)
        assert stream.tasks == ["a", "b"]
        assert [len(x) for x, _, _ in batches] == [8, 8, 8]
        for _, y, weights in batches:
            assert weights["a"].tolist() == [1.0] * 4 + [0.0] * 4
            assert weights["b"].tolist() == [0.0] * 4 + [1.0] * 4
            assert y["b"].shape == (8, 1)
            assert not y["b"][:4].any()

    def test_every_batch_once_if_proportional(self):
        for batches in ("mixed", "per-task"):
            stream = join({"one": source("a", 12), "two": source("b", 8)}, batches, "proportional")
            seen = {"a": [], "b": []}
            for x, _, weights in epoch(stream):
                for task, numbers in seen.items():
                    numbers += x[weights[task] == 1.0, 0].tolist()
            assert sorted(seen["a"]) == list(range(12))
            assert sorted(seen["b"]) == list(range(8))

    def test_balanced_turns(self):
        stream = join({"one": source("a", 12), "two": source("b", 4)}, "per-task")
        tasks = ["a" if weights["a"].any() else "b" for _, _, weights in epoch(stream)]
        assert sorted(tasks) == ["a"] * 3 + ["b"] * 3
        stream.on_epoch_end()
        again = ["a" if weights["a"].any() else "b" for _, _, weights in epoch(stream)]
        assert again != tasks
        stream.reset()
        first = ["a" if weights["a"].any() else "b" for _, _, weights in epoch(stream)]
        assert first == tasks

    def test_own_weights_and_shared_tasks(self):
        x, y = toy_data(0, 4)
        weighted = ArrayDataset(x, y, {"a": np.array([0.0, 1.0, 2.0, 3.0])}, batch_size=4)
        _, _, weights = join({"one": weighted, "two": source("a", 4)})[0]
        assert weights["a"].tolist() == [0.0, 1.0, 2.0, 3.0, 1.0, 1.0, 1.0, 1.0]
        assert weights["b"].tolist() == [1.0] * 4 + [0.0] * 4

    def test_fingerprint_tells_joins_apart(self):
        one = join({"one": source("a", 8)})
        assert one.fingerprint() == join({"one": source("a", 8)}).fingerprint()
        assert one.fingerprint() != join({"one": source("a", 8, seed=1)}).fingerprint()

    @pytest.mark.parametrize(
        ("make", "error", "message"),
        [
            (lambda: join({}), ValueError, "no source to join"),
            (lambda: join({"a": [1, 2]}), TypeError, "source .a. must be"),
            (lambda: join({"a": source("a", 4)}, "x"), ValueError, "`batches` must be one of"),
            (lambda: join({"a": source("a", 4)}, balance="x"), ValueError, "`balance` must be"),
            (
                lambda: join(
                    {
                        "one": ArrayDataset(np.ones((2, 6)), {"a": np.ones((2, 1))}),
                        "two": ArrayDataset(np.ones((2, 6)), {"a": np.ones((2, 3))}),
                    }
                ),
                ValueError,
                "labels task 'a' with shape",
            ),
        ],
    )
    def test_refusals(self, make, error, message):
        with pytest.raises(error, match=message):
            make()


def test_sources_are_told_that_an_epoch_begins():
    class Told(ArrayDataset):
        begun = 0

        def on_epoch_begin(self):
            self.begun += 1

    sources = {name: Told(np.zeros((4, 1)), {name: np.zeros(4)}) for name in "ab"}
    join(sources).on_epoch_begin()
    assert [source.begun for source in sources.values()] == [1, 1]


def test_sources_may_be_arrays():
    x = np.arange(4.0)[:, None]
    data = join({"a": (x, {"a": x}), "b": (x, {"b": x})})
    assert data.tasks == ["a", "b"] and data.num_batches == 1


class Batch(keras.utils.PyDataset):
    """A data set of one batch."""

    num_batches = 1

    def __init__(self, batch):
        super().__init__()
        self.batch = batch

    def __getitem__(self, index):
        return self.batch


@pytest.mark.parametrize("form", ["x", "(x,)", "(x, None)", "(x, {b: None})"])
def test_a_source_may_have_no_labels(form):
    x, _ = toy_data(samples=4)
    batch = {"x": x, "(x,)": (x,), "(x, None)": (x, None), "(x, {b: None})": (x, {"b": None})}[form]
    stream = join({"one": source("a", 4), "two": Batch(batch)})
    inputs, labels, weights = stream[0]
    np.testing.assert_array_equal(inputs[4:], x)
    assert list(labels) == ["a"]
    assert weights["a"].tolist() == [1.0] * 4 + [0.0] * 4


def test_one_array_may_weigh_the_samples_of_all_tasks_of_a_source():
    x, y = toy_data(samples=4)
    stream = join({"one": source("a", 4), "two": Batch((x, {"b": y["b"]}, np.arange(4.0)))})
    _, _, weights = stream[0]
    assert weights["b"].tolist() == [0.0] * 4 + [0.0, 1.0, 2.0, 3.0]
    assert weights["a"].tolist() == [1.0] * 4 + [0.0] * 4
