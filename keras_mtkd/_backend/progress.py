"""How far trainings are: one live line for who watches, a line a training in a log."""

import contextlib
from collections.abc import Callable, Iterator
from contextvars import ContextVar
from dataclasses import dataclass, replace

from rich.console import Console
from rich.progress import BarColumn, TaskProgressColumn, TextColumn, TimeRemainingColumn
from rich.progress import Progress as Bar

_BAR_WIDTH = 16


@dataclass(frozen=True)
class Event:
    """What happens to a training.

    Args:
        kind: `"begins"`, `"goes on"`, `"ends"`; `"kept"` if it was there already, `"given"` if
            there is nothing to train.
        training: Its name.
        part: By how much of one training all is nearer to its end.
        seconds: How long it took, once it has ended.
    """

    kind: str
    training: str
    part: float = 0.0
    seconds: float = 0.0


Listener = Callable[[Event], None]
_listener: ContextVar[Listener | None] = ContextVar("listener", default=None)


def tell(event: Event) -> None:
    """Tell whoever listens."""
    listener = _listener.get()
    if listener is not None:
        listener(event)


def ignored(event: Event) -> None:
    """Listens and does nothing: what is told is not shown."""


def listener() -> Listener | None:
    """Who listens."""
    return _listener.get()


def listen(listener: Listener) -> None:
    """Listen from now on, in a process that has begun for that."""
    _listener.set(listener)


@contextlib.contextmanager
def told_to(listener: Listener) -> Iterator[None]:
    """Let someone else listen for a while."""
    before = _listener.set(listener)
    try:
        yield
    finally:
        _listener.reset(before)


@contextlib.contextmanager
def named(prefix: str) -> Iterator[None]:
    """Put a text before the names of trainings."""
    outer = _listener.get()

    def passed_on(event: Event) -> None:
        if outer is not None:
            outer(replace(event, training=f"{prefix}{event.training}"))

    with told_to(passed_on):
        yield


@contextlib.contextmanager
def shown(trainings: float, verbose: int | str) -> Iterator[None]:
    """Show how far trainings are, unless they are part of something that is shown already.

    Args:
        trainings: How many there will be.
        verbose: 0 shows nothing; else a live line in a terminal, and elsewhere, or with 2, a line
            a training.
    """
    if not verbose or _listener.get() is not None:
        yield
        return
    console = Console()
    if verbose == 2 or not console.is_terminal or console.is_jupyter:
        with told_to(_Lines(console, trainings)):
            yield
        return
    with _bar(console) as bar, told_to(_Live(bar, trainings)):
        yield


class _Lines:
    """A line for each training, once it has ended."""

    def __init__(self, console: Console, trainings: float) -> None:
        self._console, self._trainings, self._done = console, trainings, 0.0

    def __call__(self, event: Event) -> None:
        self._done += event.part
        done = {"ends": f"{event.seconds:.0f} s", "kept": "kept from before", "given": "given"}
        took = done.get(event.kind)
        if took is not None:
            share = min(self._done / self._trainings, 1.0)
            # Flushed, so that a log tells where a run is that goes on.
            self._console.print(
                f"{share:4.0%}  {event.training}: {took}", soft_wrap=True, highlight=False
            )
            self._console.file.flush()


class _Live:
    """One line: what trains, how far all is, and the time left."""

    def __init__(self, bar: Bar, trainings: float) -> None:
        self._bar, self._running = bar, dict[str, None]()
        self._task = bar.add_task("", total=trainings)

    def __call__(self, event: Event) -> None:
        if event.kind in ("begins", "goes on"):
            self._running[event.training] = None
        else:
            self._running.pop(event.training, None)
        what = ", ".join(self._running)
        self._bar.update(self._task, description=what, advance=event.part)


def _bar(console: Console) -> Bar:
    columns = (
        TextColumn("{task.description}", markup=False),
        BarColumn(_BAR_WIDTH),
        TaskProgressColumn(),
        TimeRemainingColumn(compact=True),
        TextColumn("left"),
    )
    return Bar(*columns, console=console, transient=True, speed_estimate_period=60.0)
