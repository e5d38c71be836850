import numpy as np
import pytest
from scheduling.adaptive_starts import adaptive_starts

from keras_mtkd.scheduling.adaptive import check_adaptive


class TestAdaptive:
    def test_next_block_joins_when_the_gap_stops_shrinking(self):
        shrinking = [[g, 1.0] for g in np.linspace(0.9, 0.1, 20)]
        assert adaptive_starts(shrinking[:10], 2, 100) == [0]
        flat = shrinking[:5] + [shrinking[4]] * 2
        assert adaptive_starts(flat, 2, 100, patience=2) == [0, 7]
        assert adaptive_starts(flat, 2, 100, patience=3) == [0]

    def test_the_mean_of_all_current_blocks_counts(self):
        gaps = [[0.5, 1.0, 1.0]] * 2 + [[0.5, 0.9, 1.0], [0.5, 0.8, 1.0], [0.5, 0.7, 1.0]]
        assert adaptive_starts(gaps, 3, 100, patience=1) == [0, 2]

    def test_every_block_joins_in_time(self):
        gaining = [[1 - 0.02 * epoch] * 4 for epoch in range(40)]
        starts = adaptive_starts(gaining, 4, 40, last_start=0.75)
        assert starts == [0, 10, 20, 30]

    def test_refusals(self):
        with pytest.raises(ValueError, match="Received: patience=0"):
            check_adaptive(patience=0, last_start=0.25)
        with pytest.raises(ValueError, match="Received: last_start=0"):
            check_adaptive(patience=2, last_start=0.0)
