"""A word about teachers that teach on few samples, because most have no label."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from keras_mtkd._backend.warn import warn
from keras_mtkd.distillers.wiring import Wiring
from keras_mtkd.losses.label_count import FEW, LabelCount

# Tasks that were told of while many distillers are fitted alike.
_told: ContextVar[set[str] | None] = ContextVar("_told", default=None)
# What is fitted, where there are several.
_method: ContextVar[str | None] = ContextVar("_method", default=None)


@contextmanager
def told_once() -> Iterator[None]:
    """Tell of a task once, however many distillers are fitted here."""
    token = _told.set(set())
    try:
        yield
    finally:
        _told.reset(token)


@contextmanager
def fitted_by(title: str) -> Iterator[None]:
    """Name the method whose distiller is fitted here: others may tap the same layer."""
    token = _method.set(title)
    try:
        yield
    finally:
        _method.reset(token)


def tell_of_samples_left_out(wiring: Wiring, labels: LabelCount) -> None:
    """Warn of tasks whose teachers leave out more than four of five samples, each task once.

    Args:
        wiring: Teachers and ways of distilling.
        labels: What was counted of the data.
    """
    before = _told.get()
    told = set[str]() if before is None else before
    for term in wiring.terms:
        way, task = term.distillation, term.task
        share = labels.share(task, weighed=way.student_tap(task) is not None)
        if task in told or way.use_sample_weight is not True or share >= FEW:
            continue
        told.add(task)
        who = f"teacher of '{task}'" if way.source is None else f"head '{way.source}', of '{task}',"
        method = _method.get()
        by = "" if method is None else f"Method '{method}': "
        others = "" if before is None else " Later methods that do likewise are not named."
        warn(
            f"{by}The {who} teaches on {100 * share:.2g} % of the samples, those with a label (of "
            f"{labels.samples(task):,} that were looked at): '{way.name}' has "
            "`use_sample_weight=True`. With `use_sample_weight=False` it teaches on all."
            f"{others}"
        )
