"""Gradients of functions of arrays and of the single terms of an objective, on each backend.

Keras has no interface for this; it is the one thing here that each backend does its own way.
"""

from collections.abc import Callable
from typing import Any

import keras
from keras import ops

from keras_mtkd._backend.keras_compat import (
    loss_tracker,
    unscale_loss_for_distribution,
    updated_metrics,
)


def compiled(function: Callable[..., Any]) -> Callable[..., Any]:
    """The function, compiled by the backend."""
    if keras.backend.backend() == "jax":
        import jax

        return jax.jit(function)
    import tensorflow as tf

    return tf.function(function, reduce_retracing=True)


def compiled_gradient(function: Callable[..., Any]) -> Callable[..., Any]:
    """The gradient of a scalar function with respect to its first argument.

    Args:
        function: Takes a tensor or list of tensors first, and anything after it.

    Returns:
        A compiled function of the same arguments that returns the gradient, in the structure of
        the first argument.

    Raises:
        ValueError: If the backend is neither TensorFlow nor JAX.
    """
    if keras.backend.backend() == "jax":
        import jax

        return jax.jit(jax.grad(function))
    if keras.backend.backend() != "tensorflow":
        raise ValueError(
            "Gradients are available on the TensorFlow and JAX backends. "
            f"Received: {keras.backend.backend()}."
        )
    import tensorflow as tf

    def gradient(first: Any, *rest: Any) -> Any:
        with tf.GradientTape() as tape:
            tape.watch(first)
            result = function(first, *rest)
        return tape.gradient(result, first, unconnected_gradients="zero")

    return tf.function(gradient, reduce_retracing=True)


def step_by_rows(model: keras.Model, combine: Callable[..., Any], *args: Any) -> Any:
    """Keras' training step, for a model whose `compute_loss` gives several values.

    Args:
        model: The model; the last of its values is 1.
        combine: From a list of gradients for every value but the last, the values as the
            optimiser scales them, the weights' values, and a function from the number of a value
            and other weights to its gradients there, to the gradients to apply.
        args: The arguments of the backend's `train_step`.

    Raises:
        ValueError: If the backend is neither TensorFlow nor JAX.
    """
    backend = keras.backend.backend()
    steps: dict[str, Callable[..., Any]] = {"tensorflow": _tensorflow_step, "jax": _jax_step}
    if backend not in steps:
        raise ValueError(
            "Gradients of every objective are available on the TensorFlow and JAX backends. "
            f"Received: {backend}."
        )
    return steps[backend](model, combine, *args)


def _tensorflow_step(model: keras.Model, combine: Callable[..., Any], data: Any) -> Any:
    import tensorflow as tf

    x, y, sample_weight = keras.utils.unpack_x_y_sample_weight(data)
    variables = model.trainable_weights
    # Random numbers elsewhere are those drawn here.
    start = [(v, tf.convert_to_tensor(v)) for v in model.non_trainable_variables]

    def gradients_at(number: int, weights: Any) -> Any:
        known = [*start, *zip(variables, weights, strict=True)]
        with tf.GradientTape() as tape, keras.StatelessScope(known, collect_losses=True):
            tape.watch(weights)
            values = model.compute_loss(x, y, model(x, training=True), sample_weight, training=True)
            value = tf.unstack(model.optimizer.scale_loss(values))[number]
        return tape.gradient(value, weights)

    with tf.GradientTape(persistent=True) as tape:
        y_pred = model(x, training=True)
        values = model.compute_loss(x, y, y_pred, sample_weight, training=True)
        scaled = tf.unstack(model.optimizer.scale_loss(values))
    rows = [tape.gradient(value, variables) for value in scaled[:-1]]
    del tape
    loss = unscale_loss_for_distribution(tf.reduce_sum(values[:-1]))
    loss_tracker(model).update_state(loss, sample_weight=_batch_size(x))
    weights = [tf.convert_to_tensor(variable) for variable in variables]
    gradients = combine(rows, tf.stack(scaled), weights, gradients_at)
    model.optimizer.apply_gradients(zip(gradients, variables, strict=True))
    return model.compute_metrics(x, y, y_pred, sample_weight=sample_weight)


def _jax_step(model: keras.Model, combine: Callable[..., Any], state: Any, data: Any) -> Any:
    import jax

    trainable, others, optimizer, metrics = state
    x, y, sample_weight = keras.utils.unpack_x_y_sample_weight(data)

    def values_of(trainable: Any) -> Any:
        return model.compute_loss_and_updates(
            trainable,
            others,
            metrics,
            x,
            y,
            sample_weight,
            training=True,
            optimizer_variables=optimizer,
        )

    def gradients_at(number: int, weights: Any) -> Any:
        return jax.grad(lambda weights: values_of(weights)[0][number])(weights)

    scaled, pull, (values, y_pred, new, metrics_after) = jax.vjp(values_of, trainable, has_aux=True)
    rows = [pull(row)[0] for row in ops.eye(len(scaled), dtype=scaled.dtype)[:-1]]
    known = list(zip(model.non_trainable_variables, new, strict=True))
    with keras.StatelessScope(state_mapping=known) as scope:
        gradients = combine(rows, scaled, trainable, gradients_at)
    others = [scope.get_current_value(variable) for variable, _ in known]
    trainable, optimizer = model.optimizer.stateless_apply(optimizer, gradients, trainable)
    logs, metrics = updated_metrics(
        model, metrics_after, ops.sum(values[:-1]), x, y, y_pred, sample_weight
    )
    return logs, (trainable, others, optimizer, metrics)


def _batch_size(x: Any) -> Any:
    return ops.shape(next(part for part in keras.tree.flatten(x) if part is not None))[0]
