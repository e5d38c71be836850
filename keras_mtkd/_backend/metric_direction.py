"""Which way is up: whether a larger value of a metric is better, for metrics that are known."""

import keras

_HIGHER = (
    "accuracy",
    "acc",
    "auc",
    "precision",
    "recall",
    "sensitivity",
    "specificity",
    "f1",
    "fbeta",
    "iou",
    "miou",
    "io_u",
    "r2",
    "pearson",
    "concordance",
    "correlation",
    "cosine_similarity",
    "true_positives",
    "true_negatives",
    "dice",
    "within",
)
_LOWER = (
    "error",
    "mae",
    "mse",
    "rmse",
    "mape",
    "msle",
    "mean_squared",
    "mean_absolute",
    "logcosh",
    "log_cosh",
    "crossentropy",
    "ce",
    "bce",
    "kullback",
    "kl",
    "kl_divergence",
    "kld",
    "poisson",
    "hinge",
    "loss",
    "false_positives",
    "false_negatives",
    "perplexity",
    "angle",
)


def higher_is_better(metric: str | keras.metrics.Metric) -> bool | None:
    """Whether a larger value is better, `None` if that is not known.

    Args:
        metric: A metric, or the name of one. The class counts for more than a name of the user's.

    Examples:
        >>> higher_is_better("mae"), higher_is_better("val_accuracy"), higher_is_better("mystery")
        (False, True, None)
    """
    names = [metric] if isinstance(metric, str) else [*_classes(metric), metric.name]
    for name in map(_words, names):
        # A word counts as a whole, so that "accident" is no "acc".
        lower = any(f"_{known}_" in name for known in _LOWER)
        higher = any(f"_{known}_" in name for known in _HIGHER)
        if lower != higher:
            return higher
    return None


def _classes(metric: keras.metrics.Metric) -> list[str]:
    """The classes of a metric that say what it measures, the nearest first."""
    told = [kind for kind in type(metric).__mro__ if issubclass(kind, keras.metrics.Metric)]
    general = {"Metric", "Mean", "Sum", "MeanMetricWrapper", "Reduce", "KerasSaveable"}
    return [kind.__name__ for kind in told if kind.__name__ not in general]


def _words(name: str) -> str:
    """A name in lower case, its words between underscores."""
    parts = ""
    for before, letter in zip(f" {name}", name, strict=False):
        begins = letter.isupper() and not (before.isupper() or before == "_")
        parts += f"_{letter}" if begins else letter
    return f"_{parts.lower().strip('_')}_"
