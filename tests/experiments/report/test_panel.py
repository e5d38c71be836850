import numpy as np

from keras_mtkd.experiments.report.panel import Panel


def test_a_panel_leaves_out_how_training_began_and_breaks_at_nan():
    values = np.array([[-90.0, -50.0, 0.5, 0.6, float("nan"), 0.7, 0.7, 0.8]])
    panel = Panel.around([values], higher_is_better=True)
    assert 0.4 < panel.low < 0.55
    assert 0.8 < panel.high < 0.9
    path = panel.line(values, "kind", "title")[-1].get("d")
    assert path.count("M") == 2
    assert path.count("L") == 5


def test_a_panel_of_few_epochs_counts_whole_ones():
    panel = Panel.around([np.array([[0.1, 0.2, 0.4]])], higher_is_better=True)
    shown = [part.text for part in panel._axes() if part.get("class") == "epoch"]
    assert shown == ["1", "2", "3", "epoch"]


def test_an_edge_is_drawn_where_lines_from_below_are_cut_off():
    panel = Panel.around([np.array([[-90.0, 0.5, 0.6, 0.7]])], higher_is_better=True)
    (edge,) = (part for part in panel._axes() if part.get("class") == "edge")
    assert edge.get("y1") == edge.get("y2") == f"{panel._y(panel.low):.0f}"
