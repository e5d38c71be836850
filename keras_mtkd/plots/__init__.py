"""Pictures, on matplotlib axes that are given or made."""

from keras_mtkd.plots.comparison import plot_comparison
from keras_mtkd.plots.cost import plot_cost
from keras_mtkd.plots.gaps import plot_gaps
from keras_mtkd.plots.gradients import plot_gradients
from keras_mtkd.plots.ranking import plot_ranking
from keras_mtkd.plots.schedule import plot_schedule
from keras_mtkd.plots.similarity import plot_similarity
from keras_mtkd.plots.training_graph import training_graph

__all__ = [
    "plot_comparison",
    "plot_cost",
    "plot_gaps",
    "plot_gradients",
    "plot_ranking",
    "plot_schedule",
    "plot_similarity",
    "training_graph",
]
