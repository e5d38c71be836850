"""`rank_teachers` and the scores that it ranks by."""

import keras
import numpy as np
import ot
import pytest

from keras_mtkd.losses import SinkhornDistance
from keras_mtkd.selection import rank_teachers, teacher_cost
from keras_mtkd.selection.ranking import forced_cost, specification_distance, transport_regret
from keras_mtkd.selection.reading import read_classifier
from selection.classifiers import classifier, data

GENERATOR = np.random.default_rng(0)


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
