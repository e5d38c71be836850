"""Weights over epochs as bars."""

from keras_mtkd.experiments.report.timeline import timeline
from keras_mtkd.experiments.run import Run

WEIGHTS = {
    "a_distillation_weight": [1.0, 1.0, 1.0, 1.0],
    "b_distillation_weight": [0.0, 0.25, 0.25, 1.0],
}
RUN = Run(WEIGHTS, queue=[["b"], ["a"]])


def bars(made, row):
    picture = list(made.iter("svg"))[row]
    names = ("x", "width", "fill-opacity")
    return [tuple(bar.get(name) for name in names) for bar in picture], picture.get("aria-label")


def test_tasks_come_in_the_order_of_the_queue_and_epochs_below():
    made = timeline(2, "SCD", 7, RUN, "colour0")
    assert [head.text for head in made.find("table/tbody").iter("th")] == ["b", "a"]
    assert made.get("aria-labelledby") == "timeline2-table"
    assert made.find("table/caption/span").text.startswith("SCD, seed 7: ")
    assert [end.text for end in made.find("table/tfoot").iter("span")] == ["1", "4"]


def test_equal_weights_are_one_bar_and_no_weight_is_none():
    made = timeline(0, "SCD", 0, RUN, "colour2")
    assert bars(made, 0) == (
        [("25.00%", "50.00%", "0.34"), ("75.00%", "25.00%", "1.00")],
        "b: 0.00 from epoch 1, 0.25 from epoch 2, 1.00 from epoch 4",
    )
    assert {picture.get("class") for picture in made.iter("svg")} == {"bars colour2"}
    assert bars(made, 1) == ([("0.00%", "100.00%", "1.00")], "a: 1.00 from epoch 1")


def test_weights_above_one_are_as_full_as_one():
    run = Run({"a_distillation_weight": [5.0]}, queue=[["a"]])
    assert bars(timeline(0, "SCD", 0, run, "colour0"), 0)[0] == [("0.00%", "100.00%", "1.00")]


def test_there_is_none_where_the_weights_were_not_kept():
    assert timeline(0, "SCD", 0, Run({}, queue=[["a"]]), "colour0") is None


def test_a_trial_that_was_taken_back_is_left_out():
    run = Run({**WEIGHTS, "stage": [-1.0, 0.0, 0.0, 1.0]}, queue=[["a"], ["b"]])
    made = timeline(0, "SCD", 0, run, "colour0")
    assert bars(made, 0) == ([("25.00%", "75.00%", "1.00")], "a: 1.00 from epoch 2")
    assert bars(made, 1)[1] == "b: 0.25 from epoch 2, 1.00 from epoch 4"
    assert made.find("table/caption/span").text.endswith(
        "; without epoch 1, a trial that was taken back"
    )
