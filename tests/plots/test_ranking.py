import numpy as np
import pandas as pd
import pytest

from keras_mtkd.plots import plot_ranking


def test_best_teacher_on_top_and_untried_ones_named():
    table = pd.DataFrame({"score": [0.2, 0.5, np.nan]}, index=["near", "far", "untried"])
    axes = plot_ranking(table)
    assert [label.get_text() for label in axes.get_yticklabels()] == list(table.index)
    low, high = axes.get_ylim()
    assert low > high
    np.testing.assert_allclose(axes.lines[0].get_xdata(), table["score"])
    assert [text.get_text().strip() for text in axes.texts] == ["not tried"]
    assert axes.texts[0].get_position()[1] == 2


def test_refuses_other_tables():
    with pytest.raises(ValueError, match="must come from `selection.rank_teachers`"):
        plot_ranking(pd.DataFrame({"x": [1.0]}))
