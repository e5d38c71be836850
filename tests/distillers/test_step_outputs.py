from keras_mtkd.distillers.step_outputs import StepOutputs


def test_what_is_carried_is_apart_from_predictions():
    packed = StepOutputs({"b": 1, "a": 2}, {"signal": 3}).pack()
    again = StepOutputs.unpack(packed, ["b", "a"])
    assert list(again.predictions.items()) == [("b", 1), ("a", 2)]
    assert again.carried == {"signal": 3}
    assert StepOutputs({"a": 2}).pack() == {"a": 2}
    assert not StepOutputs.unpack({"a": 2}, ["a"]).carried
