"""A method has one colour, in pictures and on the page."""

import re
from importlib import resources

from experiments.made_up import comparison
from matplotlib.colors import to_hex

from keras_mtkd.plots import plot_comparison, plot_cost
from keras_mtkd.plots.colours import COLOURS, colours, places


def test_the_page_has_the_same_colours_in_the_same_order():
    css = resources.files("keras_mtkd.experiments.report").joinpath("page.css").read_text("utf-8")
    light = css[: css.index("@media")]
    assert tuple(re.findall(r"--colour\d: (#\w{6})", light)) == COLOURS


def test_pictures_give_a_method_the_same_colour():
    changes = {"scd": [1, 2], "single": [0, 0], "uniform": [-3, -2]}
    made = comparison(changes, dict.fromkeys(changes, (100, 1.0)))
    bars = {
        bar.get_label(): to_hex(bar[0].get_facecolor())
        for bar in plot_comparison(made).containers
        if len(bar) == 2
    }
    dots = {dot.get_label().split()[0]: dot[0].get_color() for dot in plot_cost(made).containers}
    assert bars == {"SCD": COLOURS[0], "Uniform": COLOURS[1]}
    assert {name: dots[name] for name in bars} == bars


def test_colours_come_round_again():
    many = ["single", *map(str, range(8))]
    assert places(many)["5"] == (5, 0)
    assert places(many)["6"] == (0, 1)
    assert colours(many)["7"] == COLOURS[1]
    made = comparison({method: [-1] for method in many})
    hatched = {bar.get_label(): bar[0].get_hatch() for bar in plot_comparison(made).containers}
    assert [name for name, hatch in hatched.items() if hatch] == ["6", "7"]
