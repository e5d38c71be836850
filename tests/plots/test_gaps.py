from keras_mtkd.plots import plot_gaps


def test_gaps_of_validation_losses():
    history = {"a_loss": [9.0, 9.0], "val_a_loss": [2.0, 1.0], "val_b_loss": [4.0, 8.0]}
    axes = plot_gaps(history, {"a": 1.0, "b": 2.0})
    lines = {line.get_label(): line.get_ydata().tolist() for line in axes.lines}
    assert lines == {"a": [0.5, 0.0], "b": [0.5, 0.75]}
