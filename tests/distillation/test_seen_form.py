"""Logits or probabilities by values: what is decided, and what is said."""

import numpy as np
import pytest
from scipy.special import expit, softmax

from keras_mtkd.distillation.seen_form import SeenForm, from_logits_seen

LOGITS = np.random.default_rng(0).normal(size=(40, 3))
SQUASHED, CLASSES = expit(LOGITS), softmax(LOGITS, axis=-1)


@pytest.mark.parametrize(
    ("answers", "kind", "expected"),
    [
        (LOGITS, "binary", True),
        (LOGITS, "class", True),
        (SQUASHED, "binary", False),
        (0.02 + 0.96 * SQUASHED, "binary", False),
        (1 - SQUASHED, "binary", False),
        (CLASSES, "class", False),
        (0.02 + 0.96 * CLASSES, "class", False),
        (CLASSES.astype("float16"), "class", False),
        (np.round(SQUASHED) * (1 + 1e-7), "binary", False),
        # Squashed class by class, which no softmax was.
        (SQUASHED, "class", None),
        (1.1 * expit(9 * LOGITS) - 0.05, "binary", None),
        (np.where(LOGITS > 1, np.nan, SQUASHED), "binary", False),
        (np.full((3, 1), np.nan), "binary", None),
        (np.zeros((0, 1)), "binary", None),
        ([[-np.inf], [0.5]], "binary", True),
        ([[0.3]], "binary", False),
    ],
    ids=range(16),
)
def test_by_values(answers, kind, expected):
    assert from_logits_seen(answers, kind) is expected


@pytest.mark.parametrize("takes_logits", [True, False])
def test_what_the_loss_takes_needs_no_word(takes_logits):
    assert SeenForm("sold", "binary", takes_logits, takes_logits, 64).warning() is None


@pytest.mark.parametrize(
    ("form", "parts"),
    [
        (
            SeenForm("sold", "binary", True, False, 64),
            ["within 0 and 1 (64 were", "for probabilities, and turned into logits", "'sigmoid'"],
        ),
        (
            SeenForm("sold", "class", True, False, 64),
            ["and add up to 1", "'softmax'", "CategoricalCrossentropy(from_logits=False)"],
        ),
        (
            SeenForm("sold", "binary", False, True, 64),
            ["go beyond 0 and 1", "for logits, and turned into probabilities"],
        ),
        (SeenForm("sold", "binary", True, None, 64), ["do not tell either", "taken for logits"]),
        (SeenForm("sold", "binary", True, None, 0), ["not looked at", "taken for logits"]),
    ],
    ids=["probabilities", "classes", "logits", "doubt", "unread"],
)
def test_the_warning_says_what_was_decided_and_how_to_make_it_plain(form, parts):
    told = form.warning()
    for part in ["task 'sold'", "Make it plain", *parts]:
        assert part in told
