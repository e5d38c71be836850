from keras_mtkd.experiments.report.numbers import ticks


def test_ticks_are_round_and_inside():
    assert ticks(0.31, 0.98) == [0.4, 0.6, 0.8]
    assert ticks(-120.0, 8.0, most=4) == [-100.0, -50.0, 0.0]
    assert ticks(1, 14, most=6) == [5.0, 10.0]
    assert ticks(2.0, 2.0) == [2.0]
