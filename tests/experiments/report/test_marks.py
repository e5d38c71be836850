from keras_mtkd.experiments.report.marks import Scale, axis, marks


def test_scale_shows_zero_and_all_finite_values():
    scale = Scale.around([-10.0, float("nan"), -5.0])
    assert scale.low < -10.0
    assert scale.high > 0.0
    assert scale.place(scale.low) == "0.00%"
    assert scale.place(scale.high) == "100.00%"


def test_marks_are_in_the_colour_of_their_method():
    made = marks(Scale(0.0, 10.0), 5.0, 1.0, [4.0, float("nan"), 6.0], "aloud", "colour1 dash1")
    assert made.get("class") == "marks colour1 dash1"
    assert made.get("aria-label") == "aloud"
    circles = [(each.get("class"), each.get("cx")) for each in made.iter("circle")]
    assert circles == [("seed", "40.00%"), ("seed", "60.00%"), ("mean", "50.00%")]


def test_labels_of_ticks_at_the_ends_stay_within_the_width():
    """Half of a label, by its length, is kept from either end."""
    labels = list(axis(Scale(-30.0, 0.4)))
    assert [label.text for label in labels] == ["−30", "−20", "−10", "0"]
    assert labels[0].get("style") == "left:clamp(0.96em, 0.00%, 100% - 0.96em)"
    assert labels[3].get("style") == "left:clamp(0.32em, 98.68%, 100% - 0.32em)"
