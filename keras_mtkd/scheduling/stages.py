"""From a queue and an epoch to the weights of all tasks."""

from collections.abc import Mapping, Sequence

from keras_mtkd._backend.choices import check_choice
from keras_mtkd._backend.export import mtkd_export
from keras_mtkd.scheduling.queue import check_blocks

MODES = ("cumulative", "strict", "exclusive", "cycle")
Weights = dict[str, float]


@mtkd_export("keras_mtkd.scheduling.stage_starts")
def stage_starts(
    queue: Sequence[Sequence[str]],
    epochs: int,
    complexity: Mapping[str, float] | None = None,
    last_start: float | None = 0.25,
) -> list[int]:
    """The epoch with which every stage of a training run starts.

    Args:
        queue: Blocks in order.
        epochs: Epochs of the run.
        complexity: If given, stages are as long as their blocks are complex, in proportion;
            otherwise equally long.
        last_start: Share of the run after which the last block enters, in (0, 1]: earlier stages
            are shortened or stretched in proportion. `None` makes the last stage like the others.

    Returns:
        One epoch a block, the first one 0. If there are fewer epochs than blocks, some stages
        start together.

    Raises:
        TypeError: If a block is one text.
        ValueError: If the queue is malformed, `epochs` below 1 or `last_start` not in (0, 1].

    Examples:
        >>> queue = [["a"], ["b"], ["c"]]
        >>> stage_starts(queue, 40), stage_starts(queue, 40, {"a": 0.8, "b": 0.2, "c": 0.1})
        ([0, 5, 10], [0, 8, 10])

    Source: reconstructed.
    """
    check_blocks(queue, "queue")
    if epochs < 1:
        raise ValueError(f"`epochs` must be at least 1. Received: epochs={epochs}.")
    shares = [1.0] * len(queue)
    if complexity is not None:
        shares = [sum(complexity[task] for task in block) / len(block) for block in queue]
    if sum(shares) <= 0:
        shares = [1.0] * len(queue)
    total = sum(shares)
    if last_start is not None:
        if not 0.0 < last_start <= 1.0:
            raise ValueError(f"`last_start` must lie in (0, 1]. Received: last_start={last_start}.")
        total = sum(shares[:-1]) / last_start or 1.0
    passed = [sum(shares[:number]) for number in range(len(shares))]
    return [min(round(epochs * before / total), epochs - 1) for before in passed]


@mtkd_export("keras_mtkd.scheduling.stage_weights")
def stage_weights(
    queue: Sequence[Sequence[str]],
    epoch: int,
    epochs: int,
    mode: str = "strict",
    starts: Sequence[int] | None = None,
    ramp: int = 0,
    waiting: tuple[float, float] = (0.03, 0.3),
) -> tuple[Weights, Weights]:
    """Weights of task losses and distillation at one epoch.

    * `"cumulative"`: distillation enters block by block and stays; all task losses are on.
    * `"strict"`: a block's task losses enter together with its distillation, and stay.
    * `"exclusive"`: only the current block is distilled; all task losses are on.
    * `"cycle"`: one block at a time, its task losses and distillation alone; `epoch` counts
      steps and `epochs` is not used.

    Args:
        queue: Blocks in order.
        epoch: The epoch, from 0; the step in mode `"cycle"`.
        epochs: Epochs of the run.
        mode: As above.
        starts: First epoch of every stage, by default those of `stage_starts`. A stage that has
            not started may be later than `epoch`.
        ramp: Epochs over which weights that enter rise linearly to 1; 0 is at once.
        waiting: What weighs that the mode says is off: a task loss, and a distillation.

    Returns:
        `({task: task weight}, {task: distillation weight})`.

    Raises:
        TypeError: If a block is one text.
        ValueError: If the mode is not known, the queue malformed, `ramp` negative, or a waiting
            weight not in [0, 1].

    Examples:
        >>> stage_weights([["a"], ["b"]], epoch=0, epochs=10)
        ({'a': 1.0, 'b': 0.03}, {'a': 1.0, 'b': 0.3})

    Source: reconstructed. "Block by block from complex to simple" is in the abstract of Feng et
    al. (2024); how long blocks stay on, and whether task losses wait too, is not.
    """
    check_blocks(queue, "queue")
    check_choice("mode", mode, MODES)
    if ramp < 0:
        raise ValueError(f"`ramp` must not be negative. Received: ramp={ramp}.")
    if not all(0.0 <= weight <= 1.0 for weight in waiting):
        raise ValueError(f"`waiting` must be two weights in [0, 1]. Received: waiting={waiting}.")
    always = [1.0] * len(queue)
    if mode == "cycle":
        current = epoch % len(queue)
        own = taught = [float(number == current) for number in range(len(queue))]
    else:
        starts = stage_starts(queue, epochs) if starts is None else starts
        taught = [_entered(epoch, start, ramp) for start in starts]
        own = taught if mode == "strict" else always
        if mode == "exclusive":
            current = stage_at(epoch, starts)
            taught = [value * (number == current) for number, value in enumerate(taught)]
    return _spread(queue, own, waiting[0]), _spread(queue, taught, waiting[1])


def stage_at(epoch: int, starts: Sequence[int]) -> int:
    """The number of the latest stage that has started, from 0."""
    return max(number for number, start in enumerate(starts) if start <= epoch)


def _entered(epoch: int, start: int, ramp: int) -> float:
    """How far a block that enters with epoch `start` is in. The first needs no ramp."""
    if epoch < start:
        return 0.0
    return 1.0 if start == 0 else min(1.0, (epoch - start + 1) / (ramp + 1))


def _spread(queue: Sequence[Sequence[str]], values: Sequence[float], least: float) -> Weights:
    """The blocks' values between `least` and 1, for every task."""
    pairs = zip(queue, values, strict=True)
    return {task: least + (1.0 - least) * value for block, value in pairs for task in block}
