"""How alike tasks are, in which order they were distilled, and when."""

from collections.abc import Sequence
from xml.etree.ElementTree import Element

import numpy as np

from keras_mtkd.experiments.report.elements import element
from keras_mtkd.experiments.report.heat_map import heat_map
from keras_mtkd.experiments.report.results import Results, titled
from keras_mtkd.experiments.report.tables import Cell, Column, table
from keras_mtkd.experiments.report.timeline import timeline
from keras_mtkd.experiments.run import Blocks, Run


def similarity_section(results: Results) -> Element | None:
    """A heat map for all methods that measured the same; `None` if none did."""
    groups: dict[str, list[str]] = {}
    for method in results.methods:
        runs = [run for _, run in _runs(results, method) if run.similarity is not None]
        if runs:
            groups.setdefault(repr([run.similarity for run in runs]), []).append(method)
    if not groups:
        return None
    maps = [_map(results, methods, n) for n, methods in enumerate(groups.values())]
    text = "1 is the same up to rotation and scale, 0 is unrelated; similar tasks form a block."
    return titled("Similarity of tasks", "similarity", element("p", text), *maps)


def _map(results: Results, methods: Sequence[str], place: int) -> Element:
    runs = [run for _, run in _runs(results, methods[0]) if run.similarity is not None]
    mean = np.mean(np.array([run.similarity for run in runs], "float64"), axis=0)
    tasks = runs[0].tasks
    order = [task for block in runs[0].blocks or [tasks] for task in block]
    places = [tasks.index(task) for task in order]
    seeds = f"mean over {len(runs)} seeds" if len(runs) > 1 else "one seed"
    names = ", ".join(map(results.title_of, methods))
    caption = f"Similarity of the teachers' features, {seeds}: {names}"
    return heat_map(f"similarity{place}-table", caption, order, mean[np.ix_(places, places)])


def queue_section(results: Results) -> Element | None:
    """The queue of every run, and the weights of one; `None` if no method has a queue."""
    rows: list[list[Cell]] = []
    lines: list[Element] = []
    for method in results.methods:
        runs = [(seed, run) for seed, run in _runs(results, method) if run.queue]
        for seed, run in runs:
            queue = run.queue or []
            cells = [results.name(method), Cell([str(seed)], seed)]
            rows.append([*cells, Cell([_queue(queue)], _text(queue))])
        if runs:
            title, colour = results.title_of(method), results.colour(method)
            line = timeline(len(lines), title, *runs[0], colour)
            lines += [line] if line is not None else []
    if not rows:
        return None
    columns = [
        Column("Method", "text", "ascending"),
        Column("Seed", best="ascending"),
        Column("Blocks in order", "text", "ascending"),
    ]
    made = table("queue-table", "Blocks in the order of their distillation", columns, rows)
    more = [element("div", *lines, class_="panels")] if lines else []
    return titled("Queue", "queue", made, *more)


def _runs(results: Results, method: str) -> list[tuple[int, Run]]:
    runs = results.comparison.runs
    return [
        (seed, runs[method, seed]) for seed in results.seeds_of(method) if (method, seed) in runs
    ]


def _queue(queue: Blocks) -> Element:
    return element("ol", *(element("li", ", ".join(block)) for block in queue), class_="queue")


def _text(queue: Blocks) -> str:
    return "; ".join(", ".join(block) for block in queue)
