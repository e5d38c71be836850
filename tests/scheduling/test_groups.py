import itertools

import numpy as np
import pytest
from block_sets import as_sets

from keras_mtkd.scheduling import select_groups


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
        assert as_sets(select_groups(matrix, 2, list("abcd"))) == as_sets(["ab", "cd"])
        assert select_groups([[0.0]], 1, ["a"]) == [["a"]]

    def test_refusals(self):
        with pytest.raises(ValueError, match="Received: budget=0"):
            select_groups(np.eye(2), 0)
        with pytest.raises(ValueError, match="up to 12 tasks. Received: 13"):
            select_groups(np.eye(13), 2)
