"""The few things of Keras that are needed and not public, and where each of them stands.

Nothing else in the package imports from `keras.src` or reads these attributes. Looked up in the
sources of 3.15.1 and of the nightly build of 3.16 of 2026-10-27, all under `keras/src`. The classes
have their names of 3.15; in 3.16 trainers are called `BaseTrainer`, those of backends `Trainer`:

| what | 3.15 | 3.16 |
|---|---|---|
| `set_keras_mask` | `backend/common/masking.py`, also in `backend` | `backend/common/masking.py` |
| `get_keras_mask` | `backend/common/masking.py`, also in `backend` | `backend/common/masking.py` |
| `unscale_loss_for_distribution` | `losses/loss.py` | `losses/loss.py` |
| `print_msg` | `utils/io_utils.py` | the same |
| `KerasSaveable`, `._obj_type` | `saving/keras_saveable.py` | `saving/keras_saveable.py` |
| `LossFunctionWrapper._fn_kwargs` | `losses/losses.py` | `losses/losses.py` |
| `MeanMetricWrapper._direction` | `metrics/reduction_metrics.py` | the same |


| `MeanMetricWrapper._fn` | `metrics/reduction_metrics.py` | the same |
| `KerasTensor._keras_history`, `Node.arguments` | `ops/node.py` | `ops/node.py` |
| `Operation._inbound_nodes` | `ops/operation.py` | `ops/operation.py` |
| `Function._run_through_graph` | `ops/function.py` | `ops/function.py` |
| `Layer._flatten_layers`, `._seed_generators` | `layers/layer.py` | `layers/layer.py` |
| `Layer._convert_input_args`, `._called` | `layers/layer.py` | `layers/layer.py` |
| `Trainer._initial_epoch`, `._loss_tracker` | `trainers/trainer.py` | `trainers/trainer.py` |
| `Trainer._symbolic_build` | `trainers/trainer.py` | `trainers/trainer.py` |
| `JAXTrainer._update_metrics_variables` | `backend/jax/trainer.py` | `backend/jax/trainer.py` |
| `TensorFlowTrainer._distribute_strategy` | `backend/tensorflow/trainer.py` | the same |
| `BaseOptimizer._trainable_variables` | `optimizers/base_optimizer.py` | the same |
| `BaseOptimizer._learning_rate` | `optimizers/base_optimizer.py` | the same |

What subclasses of Keras' classes override or read of themselves stays with them:

| what | 3.15 | 3.16 |
|---|---|---|
| `Trainer._aggregate_additional_loss` | `trainers/trainer.py` | the same |
| `TensorFlowTrainer._maybe_symbolic_build` | `backend/tensorflow/trainer.py` | the same |
| `JAXTrainer._purge_model_variables` | `backend/jax/trainer.py` | the same |
| `BaseOptimizer._iterations`, `._var_key` | `optimizers/base_optimizer.py` | the same |
| `MultiOptimizer._var_to_optimizer_idx` | `optimizers/multi_optimizer.py` | the same |
"""

from collections.abc import Callable
from typing import Any

import keras
from keras.src.backend.common.masking import get_keras_mask, set_keras_mask
from keras.src.losses.loss import unscale_loss_for_distribution
from keras.src.saving.keras_saveable import KerasSaveable
from keras.src.utils.io_utils import print_msg

from keras_mtkd._backend.types import Tensor

__all__ = [
    "RELEASE",
    "Saveable",
    "arguments_of",
    "build_for",
    "call_of",
    "calls_of",
    "converts_inputs",
    "count_as_called",
    "direction_of",
    "get_keras_mask",
    "layers_within",
    "loss_tracker",
    "maker_of",
    "name_in_keras",
    "place_of",
    "print_msg",
    "rate_of",
    "run_graph",
    "seed_generators",
    "set_initial_epoch",
    "set_keras_mask",
    "strategy_of",
    "trained_by",
    "unscale_loss_for_distribution",
    "updated_metrics",
    "values_of",
]

RELEASE = tuple(int(part) for part in keras.__version__.split(".")[:2])
"""Major and minor version of Keras: 3.16 obeys `training` in a graph, 3.15 does not."""


class Saveable(KerasSaveable):
    """What Keras goes through, attribute by attribute, when it saves or loads a model.

    Args:
        model: The model that it is taken for.
    """

    def __init__(self, model: keras.Model) -> None:
        self._model = model

    def _obj_type(self) -> str:
        return self._model._obj_type()


def maker_of(tensor: Tensor) -> Any:
    """The layer or operation whose call gave a symbolic tensor."""
    return tensor._keras_history.operation


def call_of(tensor: Tensor) -> Any:
    """The call that gave a symbolic tensor, with `input_tensors`, `arguments` and `operation`."""
    return calls_of(maker_of(tensor))[tensor._keras_history.node_index]


def place_of(tensor: Tensor) -> int:
    """Which of the outputs of that call a symbolic tensor is."""
    return tensor._keras_history.tensor_index


def name_in_keras(operation: Any) -> str | None:
    """The class of Keras that says what a layer or operation computes, `None` for others' own."""
    kinds = type(operation).__mro__
    computing = next((kind for kind in kinds if "call" in vars(kind)), None)
    theirs = [kind for kind in kinds if kind.__module__.split(".")[:2] == ["keras", "src"]]
    return theirs[0].__name__ if computing in theirs else None


def calls_of(operation: Any) -> list[Any]:
    """All symbolic calls of a layer or operation, in whatever graphs."""
    return operation._inbound_nodes


def run_graph(model: keras.Model, inputs: Any, call: Callable[..., Any]) -> Any:
    """Run a functional model layer by layer.

    Args:
        model: The model.
        inputs: What it takes, in its structure.
        call: Called as `call(layer, *args, **kwargs)` with the arguments that the graph has.

    Returns:
        The outputs, in their structure.
    """
    return model._run_through_graph(inputs, call_fn=call)


def layers_within(model: keras.Model) -> list[keras.layers.Layer]:
    """All layers of a model, at any depth, the model first."""
    return model._flatten_layers()


def converts_inputs(layer: keras.layers.Layer) -> bool:
    """Whether a layer brings what it is called with to its own dtype."""
    return layer._convert_input_args


def count_as_called(layer: keras.layers.Layer) -> None:
    """Let a model that was run as part of another graph count as called, which exports ask for."""
    layer._called = True


def seed_generators(layer: keras.layers.Layer) -> list[keras.random.SeedGenerator]:
    """The random numbers of a layer itself."""
    return layer._seed_generators


def arguments_of(part: keras.losses.Loss | keras.metrics.Metric) -> dict[str, Any]:
    """What a loss or metric calls its function with, also what its `get_config` leaves out."""
    return getattr(part, "_fn_kwargs", {})


def direction_of(metric: keras.metrics.Metric) -> str | None:
    """`"up"` or `"down"` as a metric says itself what is better, `None` where it does not."""
    return getattr(metric, "_direction", None)


def values_of(metric: keras.metrics.MeanMetricWrapper, y_true: Tensor, y_pred: Tensor) -> Any:
    """What the function of a metric gives, before its mean is taken."""
    return metric._fn(y_true, y_pred, **arguments_of(metric))


def set_initial_epoch(model: keras.Model, epoch: int) -> None:
    """Let `fit`, which is about to begin, begin with another epoch than it was given."""
    model._initial_epoch = epoch


def build_for(model: keras.Model, batch: Any) -> None:
    """Build what a model measures itself by, as `fit` does with the first batch."""
    model._symbolic_build(data_batch=batch)


def loss_tracker(model: keras.Model) -> keras.metrics.Mean:
    """The mean that is `loss` in logs."""
    return model._loss_tracker


def strategy_of(model: keras.Model) -> Any:
    """The `tf.distribute` strategy under whose scope a model was made, `None` without one."""
    return getattr(model, "_distribute_strategy", None)


def trained_by(optimizer: keras.optimizers.Optimizer) -> list[keras.Variable]:
    """The variables that an optimiser was built for."""
    return optimizer._trainable_variables


def rate_of(optimizer: keras.optimizers.Optimizer) -> Any:
    """The variable or schedule that is an optimiser's learning rate."""
    return optimizer._learning_rate


def updated_metrics(model: keras.Model, *args: Any) -> Any:
    """Logs and the values of metrics after a step on JAX; the arguments are those of Keras."""
    return model._update_metrics_variables(*args)
