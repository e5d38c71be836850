import keras
import numpy as np
import ot
import pytest

from keras_mtkd.losses import SinkhornDistance
from keras_mtkd.selection import class_centres, ground_cost, rank_teachers, teacher_cost
from keras_mtkd.selection.ranking import forced_cost, specification_distance, transport_regret
from keras_mtkd.selection.reading import read_classifier

GENERATOR = np.random.default_rng(0)


def classifier(classes, width=5, nested=False, seed=0):
    keras.utils.set_random_seed(seed)
    inputs = keras.Input((6,))
    x = keras.layers.Dense(width, activation="relu", name="features")(inputs)
    head = keras.layers.Dense(classes, name="logits")
    if nested:
        head = keras.Sequential([keras.Input((width,)), head], name="head")
    return keras.Model(inputs, head(x), name=f"teacher_{classes}")


def data(samples=40, classes=3):
    x = GENERATOR.normal(size=(samples, 6)).astype("float32")
    return x, np.arange(samples) % classes


def cosine_distance(one, other):
    norms = np.linalg.norm(one, axis=1)[:, None] * np.linalg.norm(other, axis=1)
    return 1.0 - one @ other.T / norms


class TestCosts:
    def test_cosine_distance(self):
        one, other = GENERATOR.normal(size=(4, 6)), GENERATOR.normal(size=(3, 6))
        expected = cosine_distance(one, other)
        np.testing.assert_allclose(ground_cost(one, other, rescale=False), expected)
        scaled = (expected - expected.min()) / (expected.max() - expected.min())
        np.testing.assert_allclose(ground_cost(one, other), scaled)
        np.testing.assert_allclose(ground_cost(one, other, sharpen=2.0), 1 - np.exp(-2 * scaled))

    def test_equal_classes_cost_nothing(self):
        assert ground_cost([[1.0, 2.0]], [[2.0, 4.0]]) == pytest.approx(0.0)

    def test_centres_are_unit_means(self):
        embeddings = GENERATOR.normal(size=(9, 4))
        labels = np.array([0, 1, 2] * 3)
        found = class_centres(embeddings, labels)
        means = np.stack([embeddings[labels == c].mean(axis=0) for c in range(3)])
        np.testing.assert_allclose(found, means / np.linalg.norm(means, axis=1)[:, None])

    def test_missing_labels(self):
        embeddings = GENERATOR.normal(size=(5, 4))
        found = class_centres(embeddings, [0, None, 1, -1, float("nan")])
        np.testing.assert_allclose(found, class_centres(embeddings[[0, 2]], [0, 1]))
        with pytest.raises(ValueError, match="no labelled sample"):
            class_centres(embeddings, [-1] * 5)

    def test_of_a_teacher_and_samples_without_label(self):
        model = classifier(4)
        x, y = data()
        labelled = np.arange(len(x)) % 4 > 0
        junk = np.where(labelled, y, 0)
        found = teacher_cost(model, (x, {"t": junk}, {"t": labelled.astype("float32")}), "t")
        part = (x[labelled], {"t": y[labelled]})
        np.testing.assert_allclose(found, teacher_cost(model, part, "t"), atol=1e-5)

    def test_of_a_teacher(self):
        model = classifier(4)
        x, y = data()
        embeddings = np.maximum(
            x @ np.array(model.layers[1].kernel) + np.array(model.layers[1].bias), 0
        )
        rows = np.array(model.layers[2].kernel).T
        centres = class_centres(embeddings, y)
        expected = cosine_distance(rows - rows.mean(axis=0), centres - centres.mean(axis=0))
        found = teacher_cost(model, (x, {"t": y}), "t", rescale=False)
        np.testing.assert_allclose(found, expected, atol=1e-5)

    @pytest.mark.parametrize(
        ("call", "message"),
        [
            (lambda: ground_cost(np.ones((2, 3)), np.ones((2, 4))), "vectors of one length"),
            (lambda: ground_cost([[np.nan]], [[1.0]]), "must be finite"),
            (lambda: class_centres(np.ones((2, 3)), [0, 2]), "no sample of class 1"),
            (lambda: class_centres(np.ones((2, 3)), [0]), "2 embeddings and 1 labels"),
        ],
    )
    def test_refusals(self, call, message):
        with pytest.raises(ValueError, match=message):
            call()


class TestReading:
    def test_probabilities_are_the_models(self):
        model, (x, _) = classifier(4), data()
        reading = read_classifier(model)
        expected = np.array(keras.ops.softmax(model(x) / 2.0))
        found = reading.probabilities(reading.embed(x), temperature=2.0)
        np.testing.assert_allclose(found, expected, atol=1e-6)

    def test_nested_heads_need_the_layer_before(self):
        model, (x, _) = classifier(4, nested=True), data()
        with pytest.raises(ValueError, match="inside a nested model. Pass `layer`"):
            read_classifier(model)
        reading = read_classifier(model, "head.logits", "features")
        expected = np.array(keras.ops.softmax(model(x)))
        np.testing.assert_allclose(reading.probabilities(reading.embed(x)), expected, atol=1e-6)

    def test_refusals(self):
        inputs = keras.Input((6,))
        with pytest.raises(ValueError, match="has no Dense layer"):
            read_classifier(keras.Model(inputs, keras.layers.ReLU()(inputs)))
        with pytest.raises(ValueError, match="no layer 'x'"):
            read_classifier(classifier(3), "x")
        normed = keras.layers.LayerNormalization(name="norm")(inputs)
        with pytest.raises(ValueError, match="must be a Dense layer"):
            read_classifier(keras.Model(inputs, normed), "norm")


class TestRanking:
    def test_the_regret_compares_transports_to_all_classes(self):
        probabilities = GENERATOR.dirichlet(np.ones(4), size=6)
        cost, labels = GENERATOR.uniform(size=(4, 3)), np.arange(6) % 3
        moved = np.array([[ot.emd2(p, q, cost) for q in np.eye(3)] for p in probabilities])
        nearest, chosen = moved.min(axis=1), moved[np.arange(6), labels]
        expected = (chosen - nearest).sum() / (moved.mean(axis=1) - nearest).sum()
        assert transport_regret(probabilities, labels, cost) == pytest.approx(expected)
        assert transport_regret(probabilities, moved.argmin(axis=1), cost) == 0.0
        assert transport_regret(probabilities, labels, np.ones((4, 3))) == 1.0

    def test_the_regret_by_chance_is_one(self):
        probabilities = GENERATOR.dirichlet(np.ones(4), size=20_000)
        labels = GENERATOR.integers(3, size=20_000)
        found = transport_regret(probabilities, labels, GENERATOR.uniform(size=(4, 3)))
        assert found == pytest.approx(1.0, abs=0.03)

    def test_cost_is_the_transport_to_one_hot_labels(self):
        probabilities = GENERATOR.dirichlet(np.ones(4), size=6)
        cost, labels = GENERATOR.uniform(size=(4, 3)), np.arange(6) % 3
        expected = np.mean(
            [ot.emd2(p, np.eye(3)[c], cost) for p, c in zip(probabilities, labels, strict=True)]
        )
        assert forced_cost(probabilities, labels, cost) == pytest.approx(expected)
        # The Sinkhorn distance differs by the entropy of the only plan.
        entropy = -np.mean(np.sum(probabilities * np.log(probabilities), axis=1))
        sinkhorn = float(SinkhornDistance(cost, epsilon=0.01)(probabilities, np.eye(3)[labels]))
        assert sinkhorn + 0.01 * entropy == pytest.approx(expected, abs=1e-4)

    def test_a_teacher_of_the_same_classes_wins(self):
        x, y = data(240)
        x[:, :3] += 2.0 * np.eye(3)[y]
        repository = {}
        for name, labels in {"same": y, "other": (x[:, 4] > 0).astype(int)}.items():
            model = classifier(int(labels.max()) + 1, width=16)
            model.compile(
                keras.optimizers.Adam(0.1),
                keras.losses.SparseCategoricalCrossentropy(from_logits=True),
            )
            model.fit(x, labels, batch_size=len(x), epochs=15, verbose=0)
            repository[name] = model
        table = rank_teachers(repository, (x, y), samples=120)
        assert list(table.index) == ["same", "other"]
        assert list(table["rank"]) == [1, 2]
        assert list(table["samples"]) == [120, 120]
        assert (table["seconds"] > 0).all()
        reading = read_classifier(repository["same"])
        embeddings = reading.embed(x[:120])
        cost = teacher_cost(repository["same"], (x[:120], y[:120]), rescale=False)
        given = reading.probabilities(embeddings), y[:120], cost
        assert table.loc["same", "score"] == pytest.approx(transport_regret(*given), rel=1e-6)
        assert table.loc["same", "cost"] == pytest.approx(forced_cost(*given), rel=1e-6)

    def test_stored_specifications_spare_forward_passes(self):
        repository = {name: classifier(3, seed=i) for i, name in enumerate("abc")}
        target = GENERATOR.normal(size=(3, 7))
        specifications = {
            "a": -target,
            "b": target[::-1],
            "c": target + 0.5 * GENERATOR.normal(size=(3, 7)),
        }
        table = rank_teachers(
            repository, data(), specifications=specifications, target=target, keep=2
        )
        assert table.index[-1] == "a"
        assert np.isnan(table.loc["a", "score"])
        assert list(table.loc[["a", "b", "c"], "samples"]) == [0, 40, 40]
        assert table.loc["b", "specification"] == pytest.approx(0.0, abs=1e-9)

    def test_specifications_of_other_sizes(self):
        one, other = np.array([[1.0, 0.0], [0.0, 1.0]]), np.array([[1.0, 0.0]])
        assert specification_distance(one, other) == pytest.approx(0.5)
        assert specification_distance(one, one) == pytest.approx(0.0, abs=1e-12)

    @pytest.mark.parametrize(
        ("arguments", "message"),
        [
            ({"repository": {}}, "repository is empty"),
            ({"keep": 3}, "must be 1 to 1"),
            ({"keep": 1}, "needs `specifications`"),
            ({"specifications": {"a": np.ones((2, 2))}}, "Pass `target`"),
            ({"specifications": {}, "target": np.ones((2, 2))}, "'a' has no specification"),
            ({"temperature": 0.0}, "`temperature` must be positive"),
        ],
        ids=str,
    )
    def test_refusals(self, arguments, message):
        with pytest.raises(ValueError, match=message):
            rank_teachers(**{"repository": {"a": classifier(2)}, "data": data(), **arguments})
