import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.cluster import AgglomerativeClustering

from keras_mtkd.scheduling import group_tasks, select_groups


def symmetric(seed, count):
    values = np.random.default_rng(seed).uniform(size=(count, count))
    matrix = (values + values.T) / 2
    np.fill_diagonal(matrix, 1.0)
    return matrix


def as_sets(blocks):
    return {frozenset(block) for block in blocks}


class TestGroupTasks:
    def test_two_pairs(self):
        matrix = [[1, 0.9, 0.1, 0.2], [0.9, 1, 0.2, 0.1], [0.1, 0.2, 1, 0.8], [0.2, 0.1, 0.8, 1]]
        assert group_tasks(matrix, "abcd") == [["a", "b"], ["c", "d"]]
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


def exhaustive(matrix, budget, alone):
    """The best value over all sets of at most `budget` groups, by trying them."""
    count = len(matrix)
    groups = [
        group
        for size in range(1, count + 1)
        for group in itertools.combinations(range(count), size)
    ]

    def score(task, group):
        others = [i for i in group if i != task]
        return matrix[others, task].mean() if others else alone

    def value(chosen):
        total = 0.0
        for task in range(count):
            scores = [score(task, group) for group in chosen if task in group]
            if not scores:
                return -np.inf
            total += max(scores)
        return total

    sizes = range(1, budget + 1)
    return max(value(c) for size in sizes for c in itertools.combinations(groups, size)), value


class TestSelectGroups:
    @pytest.mark.parametrize("seed", range(5))
    @pytest.mark.parametrize("budget", [1, 2, 3])
    @pytest.mark.parametrize("alone", [-1e6, 0.0])
    def test_no_choice_is_better(self, seed, budget, alone):
        matrix = np.random.default_rng(seed).normal(size=(4, 4))
        best, value = exhaustive(matrix, budget, alone)
        chosen = select_groups(matrix, budget, alone=alone)
        assert len(chosen) <= budget
        assert value([tuple(group) for group in chosen]) == pytest.approx(best)

    def test_names(self):
        matrix = np.array([[0, 1, -1, -1], [1, 0, -1, -1], [-1, -1, 0, 1], [-1, -1, 1, 0.0]])
        assert as_sets(select_groups(matrix, 2, "abcd")) == as_sets(["ab", "cd"])
        assert select_groups([[0.0]], 1, ["a"]) == [["a"]]

    def test_refusals(self):
        with pytest.raises(ValueError, match="Received: budget=0"):
            select_groups(np.eye(2), 0)
        with pytest.raises(ValueError, match="up to 12 tasks. Received: 13"):
            select_groups(np.eye(13), 2)
