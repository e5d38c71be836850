"""Sentences about a comparison, and what they may claim."""

import math

import pytest

from experiments.made_up import comparison
from keras_mtkd.experiments.verdict import ranking, sizes

NAN = float("nan")
LEVEL = [0.0, 0.0, 0.0]


def test_the_best_is_named_where_the_seeds_support_it():
    made = comparison(
        {"single": LEVEL, "uniform": [-9, -8, -7], "mtlkd": [-3, -2, -1], "scd": [-1, 0.5, 0.5]}
    )
    # 2, 2.5, 1.5: mean 2 with a standard error of 0.29, of which 4.3 are 1.24.
    assert made.best() == "scd"
    assert made.verdict() == (
        "SCD is the best: +2.0 ±0.3 over MTLKD, the next, on 3 seeds. SCD: Δ_MTL 0.0 ±0.5 % "
        "against single-task models, a difference that 3 seeds do not tell from none; +8.0 ±0.3 "
        "over plain multi-task learning, a clear gain."
    )


def test_plain_training_is_named_where_it_is_the_next():
    made = comparison({"single": LEVEL, "uniform": [-9, -8, -7], "scd": [-3, -2.1, -0.9]})
    # 6, 5.9, 6.1.
    assert made.verdict().startswith(
        "SCD is the best: +6.0 ±0.1 over Uniform (plain multi-task learning), the next, on 3 "
        "seeds. SCD: Δ_MTL −2.0 ±0.6 % against single-task models, a difference"
    )
    assert made.verdict().count("plain multi-task learning") == 1


def test_gains_over_plain_training_are_claimed_where_the_seeds_support_them():
    level = {"mtlkd": [-1, -2, -1], "scd": [-1, -1, -1.2]}
    clear = comparison({"single": LEVEL, "uniform": [-9, -9, -9.1], **level})
    assert clear.verdict() == (
        "3 seeds do not tell SCD and MTLKD apart. SCD: Δ_MTL −1.1 ±0.1 % against single-task "
        "models, a clear loss; +8.0 ±0.0 over plain multi-task learning, a clear gain."
    )
    unclear = comparison({"single": LEVEL, "uniform": [0, -9, 1], **level}).verdict()
    assert unclear.endswith("learning, a difference that 3 seeds do not tell from none.")
    gains = comparison(
        {"single": LEVEL, "uniform": [-1, -1, -1.1], "scd": [2, 3, 2], "b": [2, 2, 3]}
    )
    assert gains.verdict().endswith(
        "against single-task models and +3.4 ±0.3 over plain multi-task learning, both clear gains."
    )
    diverged = comparison({"single": LEVEL, "uniform": [NAN] * 3, **level}).verdict()
    assert "plain multi-task learning" not in diverged
    first = comparison({"single": LEVEL, "uniform": [-1, -2, -1], "scd": [-9, -8, -9]}).verdict()
    assert first.startswith("Uniform is the best: +7.3 ±0.7 over SCD, the next, on 3 seeds.")
    assert "plain multi-task learning" not in first


def test_two_seeds_are_said_to_be_too_few():
    made = comparison({"single": [0.0, 0.0], "mtlkd": [-30, -24]})
    assert made.verdict() == (
        "MTLKD: Δ_MTL −27.0 ±3.0 % against single-task models, a difference that two seeds are too "
        "few to tell from chance; take three or more."
    )
    both = comparison({"single": [0.0, 0.0], "mtlkd": [-3, 2], "uniform": [-3, -2]})
    assert both.verdict().endswith(
        "and +2.0 ±2.0 over plain multi-task learning, differences that two seeds are too few to "
        "tell from chance; take three or more."
    )


def test_differences_are_taken_seed_by_seed():
    """Seeds differ by far more than methods do."""
    made = comparison({"single": LEVEL, "mtlkd": [-30, -20, -10], "scd": [-29, -19.1, -8.9]})
    assert made.best() == "scd"
    gap = made.difference("scd", "mtlkd")
    assert gap.mean == pytest.approx(1.0)
    assert gap.se == pytest.approx(0.1 / math.sqrt(3))


@pytest.mark.parametrize("scd", [[-1, 0.5], [-1, 0]], ids=["roughly", "wholly"])
def test_two_seeds_that_agree_are_not_enough(scd):
    made = comparison({"single": [0, 0], "mtlkd": [-3, -2], "scd": scd})
    assert made.best() is None
    assert made.verdict().startswith("2 seeds do not tell SCD and MTLKD apart. SCD: Δ_MTL")


def test_a_method_that_is_clearly_behind_is_not_named_among_the_level_ones():
    made = comparison(
        {"single": LEVEL, "uniform": [-9, -9.1, -9], "mtlkd": [-3, 0, -3], "scd": [-1, -2, -1]}
    )
    assert made.verdict().startswith("3 seeds do not tell SCD and MTLKD apart.")
    many = {f"m{number}": [-1, -2, number] for number in range(6)}
    assert "tell m5, m4, m3 and 3 others apart" in comparison({"single": LEVEL, **many}).verdict()


def test_one_seed_claims_nothing():
    made = comparison({"single": [0], "uniform": [-3], "scd": [20]})
    assert made.best() is None
    assert made.verdict() == (
        "One seed cannot tell which method is the best; the largest Δ_MTL has SCD. SCD: Δ_MTL "
        "+20.0 % against single-task models and +23.0 over plain multi-task learning, on one seed."
    )


def test_one_method_is_not_the_best_of_one():
    made = comparison({"single": LEVEL, "scd": [-3, -3.1, -3]}, titles={"single": "Teachers"})
    assert made.best() is None
    assert made.verdict() == "SCD: Δ_MTL −3.0 ±0.0 % against the teachers, a clear loss."


def test_a_method_that_diverged_is_last_and_never_the_best():
    made = comparison({"single": LEVEL, "uniform": [NAN, 5, 5], "scd": [1, 1.1, 1]})
    assert ranking(made) == ["scd", "uniform"]
    assert made.best() == "scd"
    assert made.verdict().startswith("SCD is the best; the others diverged. SCD: Δ_MTL +1.0")
    lost = comparison({"single": LEVEL, "uniform": [NAN] * 3, "scd": [NAN] * 3})
    assert lost.best() is None
    assert lost.verdict() == ""


def test_single_task_models_alone_have_no_verdict():
    assert comparison({"single": LEVEL}).verdict() == ""


def test_sizes_are_told_as_far_as_they_are_known():
    made = comparison({"single": [0], "scd": [0]}, {"single": (51000, 0.9), "scd": (8840, 0.3)})
    assert made.verdict().endswith(
        "Its student has 8,840 parameters, 17 % of 51,000, and takes 0.30 ms a prediction, "
        "33 % of 0.90."
    )
    known = {"single": 10.0, "scd": 5.0}
    assert sizes(known, {"single": NAN}, "scd") == "Its student has 5 parameters, 50 % of 10."
    assert sizes({"scd": 5.0}, {}, "scd") == ""
