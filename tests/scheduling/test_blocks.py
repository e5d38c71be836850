import numpy as np
import pytest
from block_sets import as_sets
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.cluster import AgglomerativeClustering

from keras_mtkd.scheduling import group_tasks


def symmetric(seed, count):
    values = np.random.default_rng(seed).uniform(size=(count, count))
    matrix = (values + values.T) / 2
    np.fill_diagonal(matrix, 1.0)
    return matrix


class TestGroupTasks:
    def test_two_pairs(self):
        matrix = [[1, 0.9, 0.1, 0.2], [0.9, 1, 0.2, 0.1], [0.1, 0.2, 1, 0.8], [0.2, 0.1, 0.8, 1]]
        assert group_tasks(matrix, list("abcd")) == [["a", "b"], ["c", "d"]]
        assert group_tasks(matrix) == [[0, 1], [2, 3]]

    @given(st.integers(0, 10_000), st.integers(2, 8))
    @settings(max_examples=40, deadline=None)
    def test_scikit_learn_finds_the_same_blocks(self, seed, count):
        matrix = symmetric(seed, count)
        pairs = matrix[~np.eye(count, dtype=bool)]
        default = pairs.mean() + pairs.std()
        for given_rule, theirs in [
            ({}, {"n_clusters": None, "distance_threshold": 1 - default + 1e-9}),
            ({"threshold": 0.6}, {"n_clusters": None, "distance_threshold": 0.4 + 1e-9}),
            ({"n_blocks": 2}, {"n_clusters": 2}),
        ]:
            oracle = AgglomerativeClustering(metric="precomputed", linkage="average", **theirs)
            labels = oracle.fit_predict(1 - matrix)
            expected = as_sets(
                np.flatnonzero(labels == label).tolist() for label in np.unique(labels)
            )
            assert as_sets(group_tasks(matrix, **given_rule)) == expected

    @given(st.integers(0, 10_000), st.permutations(range(6)), st.sampled_from([None, 2, 3]))
    @settings(max_examples=40, deadline=None)
    def test_a_permutation_never_changes_the_blocks(self, seed, order, n_blocks):
        # Rounded, so that there are many ties.
        matrix, names = symmetric(seed, 6).round(1), np.array(list("abcdef"))
        order = list(order)
        blocks = group_tasks(matrix, list(names), n_blocks=n_blocks)
        turned = group_tasks(matrix[np.ix_(order, order)], list(names[order]), n_blocks=n_blocks)
        assert as_sets(blocks) == as_sets(turned)

    def test_one_task(self):
        assert group_tasks([[1.0]], ["a"]) == [["a"]]

    def test_equal_similarities_are_one_block_unless_told_otherwise(self):
        matrix = np.full((4, 4), 0.3) + 0.7 * np.eye(4)
        assert group_tasks(matrix) == [[0, 1, 2, 3]]
        assert group_tasks(matrix, threshold=0.5) == [[0], [1], [2], [3]]
        assert len(group_tasks(matrix, n_blocks=3)) == 3

    @pytest.mark.parametrize("similarity", [-0.5, 0.1, 0.9])
    def test_two_tasks_follow_the_same_rule(self, similarity):
        matrix = [[1.0, similarity], [similarity, 1.0]]
        assert group_tasks(matrix) == [[0, 1]]
        assert group_tasks(matrix, threshold=0.5) == ([[0, 1]] if similarity > 0.5 else [[0], [1]])
        assert group_tasks(matrix, n_blocks=2) == [[0], [1]]

    def test_similarity_equal_to_the_threshold_joins(self):
        assert group_tasks([[1.0, 0.5], [0.5, 1.0]], threshold=0.5) == [[0, 1]]

    @pytest.mark.parametrize(
        ("matrix", "arguments", "message"),
        [
            ([[1.0, 0.2]], {}, r"shape \(T, T\). Received: shape \(1, 2\)"),
            ([[1.0, np.nan], [np.nan, 1.0]], {}, "not finite"),
            ([[1.0, 0.2], [0.4, 1.0]], {}, "must be symmetric"),
            (np.eye(2), {"tasks": ["a"]}, "2 different names"),
            (np.eye(2), {"tasks": ["a", "a"]}, "2 different names"),
            (np.eye(2), {"threshold": 0.1, "n_blocks": 1}, "not both"),
            (np.eye(2), {"n_blocks": 3}, "`n_blocks` must be 1 to 2"),
        ],
    )
    def test_refusals(self, matrix, arguments, message):
        with pytest.raises(ValueError, match=message):
            group_tasks(matrix, **arguments)
