"""A comparison as one page of HTML that needs nothing else."""

from keras_mtkd.experiments.report.page import as_html

__all__ = ["as_html"]
