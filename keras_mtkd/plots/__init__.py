"""Pictures, on matplotlib axes that are given or made."""

from keras_mtkd.plots.comparison import plot_comparison

__all__ = ["plot_comparison"]
