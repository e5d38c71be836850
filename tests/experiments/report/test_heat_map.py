import numpy as np

from keras_mtkd.experiments.report.heat_map import heat_map

MATRIX = np.array([[1.0, 0.25], [-0.5, float("nan")]])


def test_a_row_and_a_column_a_task_with_the_numbers_in_order():
    made = heat_map("name", "How alike", ["a", "b"], MATRIX)
    heads = [cell.text for cell in made.iter("th")]
    assert heads == ["a", "b", "a", "b"]
    assert [cell.text for cell in made.find("table/tbody").iter("td")] == [
        "1.00",
        "0.25",
        "−0.50",
        "–",
    ]
    assert made.find("table/caption").get("id") == made.get("aria-labelledby") == "name"


def test_colours_are_shares_from_none_to_all():
    made = heat_map("name", "How alike", ["a", "b"], np.where(MATRIX == 1, 7.0, MATRIX))
    shares = [cell.get("style") for cell in made.find("table/tbody").iter("td")]
    assert shares == [f"--share:{share}" for share in ("1.000", "0.250", "0.000", "0.000")]
