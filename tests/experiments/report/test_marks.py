from keras_mtkd.experiments.report.marks import Scale


def test_scale_shows_zero_and_all_finite_values():
    scale = Scale.around([-10.0, float("nan"), -5.0])
    assert scale.low < -10.0
    assert scale.high > 0.0
    assert scale.place(scale.low) == "0.00%"
    assert scale.place(scale.high) == "100.00%"
