"""From blocks and complexities to the order in which blocks are distilled."""

from collections.abc import Mapping, Sequence

from keras_mtkd._backend.export import mtkd_export
from keras_mtkd._backend.names import check_names


@mtkd_export("keras_mtkd.scheduling.distillation_queue")
def distillation_queue(
    blocks: Sequence[Sequence[str]], complexity: Mapping[str, float]
) -> list[list[str]]:
    """Sort blocks from complex to simple, by the mean complexity of their tasks.

    Args:
        blocks: Blocks of tasks, each task in one of them.
        complexity: `{task: complexity}`, larger is harder.

    Returns:
        The blocks in order; inside a block tasks go from complex to simple too. Ties go by name.

    Raises:
        TypeError: If a block is one text.
        ValueError: If a task is in two blocks or has no complexity.

    Examples:
        >>> distillation_queue([["a", "b"], ["c"]], {"a": 0.1, "b": 0.3, "c": 0.9})
        [['c'], ['b', 'a']]

    Source: reconstructed; that blocks are sorted from complex to simple by a performance
    indicator is in the abstract of Feng et al. (2024), the mean is not.
    """
    check_blocks(blocks)
    for task in (task for block in blocks for task in block):
        if task not in complexity:
            raise ValueError(f"Task '{task}' has no complexity. Received: {sorted(complexity)}.")
    ordered = [sorted(block, key=lambda task: (-complexity[task], task)) for block in blocks]
    return sorted(
        ordered,
        key=lambda block: (-sum(complexity[task] for task in block) / len(block), block),
    )


def check_listed(blocks: Sequence[Sequence[str]] | None, argument: str = "blocks") -> None:
    """Refuse a task where a block of tasks is meant.

    Args:
        blocks: Blocks of tasks; `None` is none.
        argument: What they are called where they came.

    Raises:
        TypeError: Naming the task.
    """
    check_names(argument, blocks)
    for place, block in enumerate(blocks or ()):
        check_names(f"{argument}[{place}]", block)


def check_blocks(blocks: Sequence[Sequence[str]], argument: str = "blocks") -> None:
    """Refuse blocks that are empty or overlap.

    Args:
        blocks: Blocks of tasks.
        argument: What they are called where they came.

    Raises:
        TypeError: If a block is one text.
        ValueError: Naming the task.
    """
    check_listed(blocks, argument)
    seen: set[str] = set()
    if not blocks or not all(blocks):
        raise ValueError(f"Blocks must not be empty. Received: {blocks}.")
    for task in (task for block in blocks for task in block):
        if task in seen:
            raise ValueError(f"Task '{task}' is in two blocks. Received: {blocks}.")
        seen.add(task)
