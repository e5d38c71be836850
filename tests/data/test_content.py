"""Data is the same if its samples are, whatever gives them."""

import warnings

import keras
import numpy as np
import pytest
from problems import tiny_problem

import keras_mtkd as mtkd
from keras_mtkd._data.content import content, sample_hashes

ROWS = np.arange(24, dtype="float32").reshape(12, 2)


def samples(changed=None):
    """Inputs, labels and weights, one thing changed."""
    x, y, weights = ROWS, {"a": ROWS[:, :1] + 1, "b": ROWS[:, 1] % 3}, {"a": np.ones(12)}
    if changed == "an input":
        x = x + np.eye(12, 2, dtype="float32")
    elif changed == "a label":
        y["a"] = y["a"] + np.eye(12, 1, dtype="float32")
    elif changed == "names":
        y = {"a": y["b"], "b": y["a"]}
    elif changed == "pairs":
        y["b"] = y["b"][::-1]
    elif changed == "a weight":
        weights["a"] = np.arange(12) / 6
    elif changed == "no weights":
        weights = None
    elif changed == "a dtype":
        y["b"] = y["b"].astype("int32")
    elif changed == "fewer":
        x, y = x[:11], {task: values[:11] for task, values in y.items()}
        weights = {"a": weights["a"][:11]}
    return x, y, weights


CHANGES = ["an input", "a label", "names", "pairs", "a weight", "no weights", "a dtype", "fewer"]


class Table(keras.utils.PyDataset):
    """A data set of a user's."""

    def __init__(self, x, y, weights=None, batch_size=4):
        super().__init__()
        self.parts = (x, y) if weights is None else (x, y, weights)
        self.batch_size = batch_size

    def __len__(self):
        return -(-len(self.parts[0]) // self.batch_size)

    def __getitem__(self, index):
        rows = slice(index * self.batch_size, (index + 1) * self.batch_size)
        return keras.tree.map_structure(lambda values: values[rows], self.parts)


class Noisy(Table):
    def __getitem__(self, index):
        x, *rest = super().__getitem__(index)
        return x + np.random.normal(size=x.shape), *rest


class Endless(Table):
    @property
    def num_batches(self):
        return None


def arrays(x, y, weights=None):
    return mtkd.datasets.ArrayDataset(x, y, weights, batch_size=4)


def pipeline(x, y, weights=None):
    import tensorflow as tf

    parts = (x, y) if weights is None else (x, y, weights)
    return tf.data.Dataset.from_tensor_slices(parts)


def shuffled(*parts):
    return pipeline(*parts).cache().shuffle(12).batch(4).prefetch(1)


def mapped(*parts):
    return pipeline(*parts).map(lambda *row: row).map(lambda *row: row).batch(4)


def generated(*parts):
    import tensorflow as tf

    rows = pipeline(*parts)
    found = list(rows.as_numpy_iterator())
    return tf.data.Dataset.from_generator(
        lambda: iter(found), output_signature=rows.element_spec
    ).batch(4)


CONTAINERS = [arrays, Table, shuffled, mapped, generated]


@pytest.mark.parametrize("make", CONTAINERS)
def test_made_anew_it_is_the_same_and_changed_another(make):
    base = content(make(*samples()), "data")
    assert content(make(*samples()), "data") == base
    found = {changed: content(make(*samples(changed)), "data") for changed in CHANGES}
    assert len({base, *found.values()}) == len(CHANGES) + 1


def test_what_reads_batches_agrees_on_samples_and_counts_batches():
    found = {content(make(*samples()), "data") for make in (Table, shuffled, mapped, generated)}
    assert len(found) == 1
    one, other = (content(Table(*samples(), batch_size), "data") for batch_size in (3, 6))
    assert (one.split()[0], other.split()[0]) == (found.pop().split()[0],) * 2
    assert (one.split(" ", 1)[1], other.split(" ", 1)[1]) == ("in 4 batches", "in 2 batches")


def test_samples_that_come_twice_count_twice():
    x, y, _ = samples()
    doubled = keras.tree.map_structure(
        lambda values: (
            np.tile(values[:6], (2, *values.shape[1:-1], 1))
            if values.ndim > 1
            else np.tile(values[:6], 2)
        ),
        (x, y),
    )
    halves = keras.tree.map_structure(lambda values: values[:6], (x, y))
    assert len({content(Table(*parts), "data").split()[0] for parts in (doubled, halves)}) == 2


def test_texts_count_by_what_they_say():
    texts = np.array(["one", "two, three", "four"], dtype=object)
    again = np.array([str(text.encode(), "utf-8") for text in map(str, texts)], dtype=object)
    y = {"a": np.zeros(3)}
    assert arrays(texts, y).fingerprint() == arrays(again, y).fingerprint()
    assert arrays(texts, y).fingerprint() != arrays(texts[::-1], y).fingerprint()
    assert content(Table(texts, y), "data") == content(Table(again, y), "data")
    assert (
        sample_hashes(texts).tolist()
        == sample_hashes(np.array([b"one", b"two, three", b"four"])).tolist()
    )


def test_joined_and_cached_sources_are_asked():
    def joined(changed):
        return mtkd.datasets.join({"one": Table(*samples(changed)), "two": arrays(*samples())})

    assert joined(None).fingerprint() == joined(None).fingerprint()
    assert joined(None).fingerprint() != joined("a label").fingerprint()


@pytest.mark.parametrize(
    ("make", "why"), [(Noisy, "gives other samples in every pass"), (Endless, "has no end")]
)
def test_a_word_where_it_cannot_be_told(make, why):
    def told(changed=None, **given):
        data = make(*samples(changed))
        return tiny_with(data, **given).fingerprint()["data"]

    with pytest.warns(UserWarning, match=f"train data of 'numbers' cannot be told: it {why}"):
        base = told()
    with pytest.warns(UserWarning, match="`fingerprint=`"):
        assert told("a label") == base
    with pytest.warns(UserWarning):
        assert told("no weights") != base
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert told(fingerprint="1") == told("a dtype", fingerprint="1")
        assert told(fingerprint="1") != told(fingerprint="2")


def tiny_with(data, **given):
    made = tiny_problem()
    return mtkd.Problem(
        "numbers", list(made.tasks.values()), made.backbone, data, made.test, **given
    )


def test_teachers_of_other_labels_are_refused_before_anything_is_trained(tmp_path):
    def teachers(changed):
        return mtkd.train_teachers(
            tiny_with(Labelled(changed)), epochs=1, directory=tmp_path, verbose=0
        )

    kept = teachers(0.0)
    again = teachers(0.0)
    for task, model in kept.items():
        for one, other in zip(model.get_weights(), again[task].get_weights(), strict=True):
            np.testing.assert_array_equal(one, other)
    with pytest.raises(ValueError, match=r"data: kept 'train \w+ in 4 batches, .*Use another"):
        teachers(1.0)


class Labelled(keras.utils.PyDataset):
    """The tiny problem's data with other labels of one task."""

    def __init__(self, shift):
        super().__init__()
        self.data, self.shift = tiny_problem().test, np.float32(shift)

    def __len__(self):
        return len(self.data)

    def __getitem__(self, index):
        x, y = self.data[index]
        return x, {**y, "b": y["b"] + self.shift}


def test_hashes_tell_samples_apart():
    x = np.arange(12, dtype="float32").reshape(4, 3)
    hashes = sample_hashes({"one": x, "other": x[:, :1]})
    assert len(set(hashes.tolist())) == 4
    again = sample_hashes({"one": x[::-1], "other": x[::-1, :1]})
    assert again.tolist() == hashes[::-1].tolist()
    assert sample_hashes(x.astype("float64")).tolist() != sample_hashes(x).tolist()


class TestHashes:
    """Samples go by their content, whatever holds it."""

    def test_texts_go_by_their_letters(self):
        words = ["one", "two", "three", "one"]
        kinds = [
            np.array(words),
            np.array(words, object),
            np.array([word.encode() for word in words]),
            np.array([word.encode() for word in words], object),
        ]
        found = [sample_hashes(kind) for kind in kinds]
        for one in found[1:]:
            np.testing.assert_array_equal(one, found[0])
        assert len(set(found[0].tolist())) == 3 and found[0][0] == found[0][3]

    def test_letters_do_not_move_from_one_text_to_the_next(self):
        one, other = np.array([["ab", "c"]], object), np.array([["a", "bc"]], object)
        assert sample_hashes(one) != sample_hashes(other)

    @pytest.mark.parametrize("shape", [(4,), (4, 1), (4, 2)])
    def test_batches_of_one_give_the_same(self, shape):
        texts = np.array([f"text {n}" for n in range(np.prod(shape))], object).reshape(shape)
        one_by_one = [sample_hashes(texts[row : row + 1])[0] for row in range(4)]
        np.testing.assert_array_equal(one_by_one, sample_hashes(texts))
