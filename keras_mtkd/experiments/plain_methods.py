"""Training without teachers, and distillation of features or predictions, by name."""

from functools import partial

from keras_mtkd.experiments._registry import register
from keras_mtkd.experiments.method import Method
from keras_mtkd.experiments.ways import features, logits, nothing

register(
    {
        "uniform": Method(
            "Uniform",
            nothing,
            summary="One student on the plain sum of task losses, without teachers.",
        )
    },
    family="Baselines: what a distilled student has to beat",
)
register(
    {
        "mtlkd": Method(
            "MTLKD",
            features,
            summary="Aligns the shared feature with every teacher's (Li, Bilen, 2020).",
        ),
        "logits": Method(
            "Logits", logits, summary="The student learns the teachers' predictions as well."
        ),
        # Where labels are missing: teachers teach on the unlabelled samples too.
        "mtlkd-fill": Method(
            "MTLKD, all samples",
            partial(features, use_sample_weight=False),
            summary="Where labels are missing: MTLKD on unlabelled samples too.",
        ),
        "logits-fill": Method(
            "Logits, all samples",
            partial(logits, use_sample_weight=False),
            summary="Where labels are missing: predictions on unlabelled samples too.",
        ),
    },
    family="Distillation from finished teachers: one student near one model a task",
)
