"""A ranking of teachers as a picture."""

from typing import Any

from keras_mtkd._backend.export import mtkd_export
from keras_mtkd.plots._axes import new_axes


@mtkd_export("keras_mtkd.plots.plot_ranking")
def plot_ranking(table: Any, axes: Any = None) -> Any:
    """Scores of the teachers, the most useful one on top.

    Teachers that were sorted out by their specification are listed below, without a score.

    Args:
        table: What `selection.rank_teachers` gives.
        axes: Matplotlib axes to draw on; new ones by default.

    Returns:
        The axes.

    Raises:
        ValueError: If the table has no column `score`.
        ImportError: If matplotlib is not installed.
    """
    if "score" not in table:
        raise ValueError(
            "The table must come from `selection.rank_teachers`. "
            f"Received columns: {list(table.columns)}."
        )
    axes = new_axes(axes, (7.0, 0.35 * len(table) + 1.2))
    places = range(len(table))
    scored = table["score"].notna()
    axes.hlines(places, 0.0, table["score"].fillna(0.0), color="#9ecae1", linewidth=3)
    axes.plot(table["score"], places, "o", color="#08519c")
    for place in places:
        if not scored.iloc[place]:
            axes.text(0.0, place, "  not tried", va="center", color="#666666", fontsize=8)
    axes.set_yticks(list(places), [str(name) for name in table.index])
    axes.invert_yaxis()
    axes.set_xlim(left=0.0)
    axes.set_xlabel("score: regret of the transport (0 never misses the label, 1 as by chance)")
    axes.spines[["top", "right"]].set_visible(False)
    axes.figure.tight_layout()
    return axes
