"""What holds for every loss: for those in `ROWS`, and all others that need no arguments."""

import inspect
import json
from typing import Any, NamedTuple

import keras
import numpy as np
import pytest
from arguments import COMMON, other_arguments, own_arguments
from helpers import gradient
from keras import ops

from keras_mtkd import losses
from keras_mtkd._backend.export import PUBLIC_NAMES
from keras_mtkd.losses.batch_distance import BatchDistance
from keras_mtkd.losses.function_loss import FunctionLoss
from losses.found import found

GENERATOR = np.random.default_rng(0)
BATCH, POSITIONS, CHANNELS = 6, 5, 4
FEATURES = GENERATOR.normal(size=(2, BATCH, POSITIONS, CHANNELS)).astype("float32")
PROBABILITIES = np.exp(FEATURES) / np.exp(FEATURES).sum(-1, keepdims=True)
UNITS = FEATURES / np.linalg.norm(FEATURES, axis=-1, keepdims=True)
KNOWN = GENERATOR.random((BATCH, POSITIONS)) < 0.6
CERTAIN = np.broadcast_to(np.eye(CHANNELS)[[0, 1]][:, None, None], FEATURES.shape)
WEIGHT = np.array([2.0, 1.0, 0.5, 1.0, 3.0, 1.0], "float32")
REDUCTIONS = ("sum", "mean", "sum_over_batch_size", "mean_with_sample_weight", "none", None)


class Case(NamedTuple):
    """A loss and what it is tried with.

    Attributes:
        kind: The class.
        arguments: Every argument of its own, none of them the default; of a loss without a row,
            those for which another value is known.
        sides: What it is called with.
        least: Its value of two equal sides, where that is known.
        known: Where it has labels, `(batch, positions)`; everywhere if left out.
        has_row: Whether somebody wrote what it is tried with.
    """

    kind: type[keras.losses.Loss]
    arguments: dict[str, Any]
    sides: np.ndarray = FEATURES
    least: float | None = 0.0
    known: np.ndarray | None = None
    has_row: bool = True

    def loss(self, **options):
        return self.kind(**self.arguments, **options)

    @property
    def of_batches(self):
        return issubclass(self.kind, BatchDistance)

    @property
    def has_entries(self):
        """Whether it can be asked for its value of a single entry."""
        whole = self.draws or self.known is not None or "cost" in self.arguments
        return not whole and self.kind is not FunctionLoss

    @property
    def draws(self):
        return "seed" in self.arguments


def found_case(kind):
    """A loss without a row is a distance of features, or of predictions if it tells their form."""
    arguments = other_arguments(kind)
    defaults = {name: each.default for name, each in own_arguments(kind).items()}
    of_logits = {**defaults, **arguments}.get("from_logits", True)
    return Case(kind, arguments, FEATURES if of_logits else PROBABILITIES, has_row=False)


def with_holes(sides, value):
    return np.stack([np.where(KNOWN[..., None], sides[0], value), sides[1]]).astype("float32")


KL = {"temperature": 2.0, "from_logits": False, "axis": 1}
DRAWN = {"samples": 3, "power": 0.5, "temperature": 2.0, "from_logits": False, "seed": 1}
SELECTED = {"loss": "binary_logit_kl", "fraction": 0.4, "metric": "distance", "from_logits": False}
MOVED = {"cost": np.eye(CHANNELS), "epsilon": 0.5, "iterations": 5}
ROWS = [
    Case(losses.AttentionTransfer, {"power": 0.5}),
    Case(losses.BinaryLogitKL, KL, PROBABILITIES),
    Case(losses.CKALoss, {}),
    Case(FunctionLoss, {"fn": "mae"}),
    Case(losses.LogSumDistance, {"power": 0.5}, least=np.log(1e-5)),
    Case(losses.LogitKL, KL, PROBABILITIES),
    Case(losses.MaskedMeanAbsoluteError, {"invalid": -1.0}, with_holes(FEATURES, -1.0), 0.0, KNOWN),
    Case(losses.NormalCosine, {}, with_holes(UNITS, 0.0), 0.0, KNOWN),
    Case(losses.NormalizedL2, {"axis": 1}),
    Case(losses.RelationalDistance, {"distance": 0.5, "angle": 3.0}),
    Case(losses.SampledLogitKL, DRAWN, PROBABILITIES),
    Case(losses.SelectPositions, SELECTED, PROBABILITIES),
    # Of equal sides it is minus the entropy of the plan, and more.
    Case(losses.SinkhornDistance, MOVED, PROBABILITIES, None),
]
CASES = ROWS + [found_case(kind) for kind in found([case.kind for case in ROWS])]
REDUCED = [case for case in CASES if not case.of_batches]
EXACT = [case for case in CASES if not case.draws]


def of(cases):
    return pytest.mark.parametrize("case", cases, ids=[case.kind.__name__ for case in cases])


def test_every_loss_is_here():
    public = {thing for name, thing in PUBLIC_NAMES.items() if name.startswith("keras_mtkd.losses")}
    assert {getattr(losses, name) for name in losses.__all__} == public
    missing = (public | {FunctionLoss}) - {losses.get} - {case.kind for case in CASES}
    assert not missing, f"{missing} cannot be made without arguments: add a row to `ROWS`."
    assert {case.kind for case in CASES} <= public | {FunctionLoss}


@of(CASES)
def test_arguments(case):
    """Those of its own are tried with other values than the defaults; the rest are Keras'."""
    known = dict(inspect.signature(case.kind.__init__).parameters)
    missing = {"reduction"} if case.of_batches else set()
    assert set(COMMON) - known.keys() == missing
    own = own_arguments(case.kind)
    assert own.keys() == case.arguments.keys() or not case.has_row
    # Also those of which no other value is known.
    assert own.keys() <= case.loss().get_config().keys()
    assert not any(np.array_equal(known[name].default, v) for name, v in case.arguments.items())
    assert case.loss(name="other").name == "other"


@of(CASES)
def test_config_makes_an_equal_loss(case):
    options = {"name": "other", "dtype": "bfloat16"}
    if not case.of_batches:
        options["reduction"] = "sum"
    given = case.loss(**options)
    saved = json.loads(json.dumps(keras.saving.serialize_keras_object(given)))
    value = float(given(*case.sides, WEIGHT))
    for revived in (
        case.kind.from_config(given.get_config()),
        keras.saving.deserialize_keras_object(saved),
    ):
        assert type(revived) is case.kind
        assert revived.get_config() == case.loss(**options).get_config()
        assert (revived.name, revived.dtype) == ("other", "bfloat16")
        assert float(revived(*case.sides, WEIGHT)) == value


@of(CASES)
def test_halves_are_computed_in_float32_unless_told(case):
    halves = [ops.cast(side, "bfloat16") for side in case.sides]
    rounded = [ops.cast(side, "float32") for side in halves]
    keras.config.set_dtype_policy("mixed_float16")
    try:
        value = case.loss()(*halves)
    finally:
        keras.config.set_dtype_policy("float32")
    assert keras.backend.standardize_dtype(value.dtype) == "float32"
    assert float(value) == pytest.approx(float(case.loss()(*rounded)), rel=1e-5)
    told = case.loss(dtype="float16")(*halves)
    assert keras.backend.standardize_dtype(told.dtype) == "float16"
    if not case.draws:
        assert float(told) == pytest.approx(float(value), rel=0.02, abs=1e-3)


def test_narrow_floats_are_no_default_and_wide_ones_are():
    floats = {"float16": "float32", "bfloat16": "float32", "float64": "float64"}
    try:
        for given, expected in floats.items():
            keras.config.set_floatx(given)
            assert {case.loss().dtype for case in CASES} == {expected}
            assert "dtype" not in losses.LogitKL().get_config()
    finally:
        keras.config.set_floatx("float32")


def reduced(values, weight, known, reduction):
    weighted = np.where(known, values, 0.0) * weight
    if reduction in (None, "none"):
        return weighted
    by_weights = reduction == "mean_with_sample_weight"
    count = {"sum": 1.0}.get(reduction, np.sum(known * weight) if by_weights else np.sum(known))
    return weighted.sum() / count


@of(REDUCED)
@pytest.mark.parametrize("weight", [None, WEIGHT], ids=["plain", "weighted"])
def test_reductions(case, weight):
    values = np.asarray(case.loss(reduction=None)(*case.sides))
    known = np.ones(values.shape, bool) if case.known is None else case.known
    each = np.ones(BATCH) if weight is None else weight
    each = np.broadcast_to(each.reshape(-1, *(1,) * (values.ndim - 1)), values.shape)
    for reduction in REDUCTIONS:
        found = np.asarray(case.loss(reduction=reduction)(*case.sides, sample_weight=weight))
        expected = reduced(values, each, known, reduction)
        np.testing.assert_allclose(found, expected, rtol=1e-4, atol=1e-6, err_msg=str(reduction))


@of([case for case in REDUCED if not case.draws])
def test_a_weight_is_how_often_a_sample_counts(case):
    loss = case.loss(reduction="sum")
    weight = np.array([1, 1, 2, 0, 0, 0], "float32")
    found = float(loss(*case.sides, sample_weight=weight))
    assert found == pytest.approx(float(loss(*case.sides[:, [0, 1, 2, 2]])), rel=1e-4)
    assert float(loss(*case.sides, sample_weight=np.zeros(BATCH))) == 0.0


# The sum of the log-sum distance is scaled to the size of the batch.
@of([case for case in CASES if case.of_batches and case.kind is not losses.LogSumDistance])
def test_so_it_is_in_distances_of_batches(case):
    weight = np.array([1, 1, 2, 1, 0, 0], "float32")
    found = float(case.loss()(*case.sides, sample_weight=weight))
    assert found == pytest.approx(float(case.loss()(*case.sides[:, [0, 1, 2, 2, 3]])), rel=1e-4)


@of([case for case in CASES if case.least is not None])
def test_equal_sides_are_no_distance_apart(case):
    loss, (one, other) = case.loss(), case.sides
    assert float(loss(one, one)) == pytest.approx(case.least, abs=1e-5)
    assert float(loss(one, other)) > case.least + 1e-3


@of(EXACT)
def test_order_of_samples_does_not_matter(case):
    turned = float(case.loss()(*case.sides[:, ::-1].copy()))
    assert turned == pytest.approx(float(case.loss()(*case.sides)), rel=1e-5)


@of(CASES)
def test_a_batch_of_one_sample(case):
    one = case.sides[:, :1]
    value = float(case.loss()(*one, sample_weight=np.ones(1, "float32")))
    assert np.isfinite(value)
    if not case.of_batches:
        values = np.asarray(case.loss(reduction=None)(*one))
        assert len(values) == 1
    if not case.draws:
        assert value == pytest.approx(float(case.loss()(*one)), rel=1e-5)


def extremes(case):
    """Arguments, and sides that are as far apart as possible, or nothing at all."""
    arguments = case.arguments
    yield arguments, CERTAIN if case.sides is PROBABILITIES else 1e4 * FEATURES
    yield arguments, np.stack([case.sides[0], np.zeros_like(case.sides[0])])
    yield arguments, np.zeros_like(case.sides)
    if "from_logits" in arguments:
        yield {**arguments, "from_logits": True}, 1e4 * FEATURES


@of(CASES)
def test_extreme_inputs_have_finite_values_and_gradients(case):
    found = []
    for arguments, (truth, guess) in extremes(case):
        truth = truth.astype("float32")
        assert np.isfinite(float(case.kind(**arguments)(truth, guess.astype("float32"))))
        # Made within, since what is drawn must not leave the function that is differentiated.
        slopes = gradient(lambda side, a=arguments, t=truth: case.kind(**a)(t, side), guess)
        assert np.isfinite(slopes).all()
        found.append(slopes)
    assert any(slopes.any() for slopes in found)


@of([case for case in REDUCED if case.has_entries])
def test_a_mean_of_entries_says_so(case):
    """Else weights of entries count with the mean of a position."""
    loss, (truth, guess) = case.loss(), case.sides
    alone = ops.convert_to_numpy(loss.call(truth[..., None], guess[..., None]))
    together = ops.convert_to_numpy(loss.call(truth, guess))
    of_entries = alone.shape == truth.shape and np.allclose(alone.mean(-1), together, rtol=1e-3)
    assert bool(getattr(loss, "elementwise", False)) == of_entries
