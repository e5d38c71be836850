"""What came out of a comparison."""

import math
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from keras_mtkd._backend.export import mtkd_export
from keras_mtkd._backend.names import check_names
from keras_mtkd._backend.optional import require
from keras_mtkd._storage import files
from keras_mtkd.experiments.cautions import caution
from keras_mtkd.experiments.cost import Cost
from keras_mtkd.experiments.evidence import Difference, mean_and_se
from keras_mtkd.experiments.few_labels import FewLabels, few_labels_caution
from keras_mtkd.experiments.methods import SINGLE, title_of
from keras_mtkd.experiments.run import Run
from keras_mtkd.experiments.verdict import best_of, ranking, sizes, verdict_of
from keras_mtkd.metrics.delta_mtl import DELTA, delta_mtl, relative_changes
from keras_mtkd.task import Task, listed_tasks


@mtkd_export("keras_mtkd.experiments.Comparison")
class Comparison:
    """Results of methods × seeds, all measured on the same data.

    Args:
        tasks: `{name: Task}`.
        methods: The methods to show, in order.
        rows: One dict a value: method, seed, task, metric, value.
        runs: `{(method, seed): Run}`, how trainings went, as far as known.
        conditions: What all runs have in common, `{name: value}`.
        titles: `{method: title}` where it is not that of a known method. One for `"single"` says
            that changes are measured against teachers that were given.
        costs: `{method: Cost}`, as far as measured.
        own_teachers: Tasks whose teachers were given; the others' were trained for the comparison.
        few_labels: `{task: FewLabels}` of tasks of which most training samples have no label.

    Attributes:
        table: Pandas frame with the columns method, seed, task, metric, value.

    Raises:
        TypeError: If `methods` is one text.
        ImportError: If pandas is not installed.
    """

    def __init__(
        self,
        tasks: Mapping[str, Task],
        methods: Sequence[str],
        rows: Sequence[Mapping[str, Any]],
        runs: Mapping[tuple[str, int], Run] | None = None,
        conditions: Mapping[str, Any] | None = None,
        titles: Mapping[str, str] | None = None,
        costs: Mapping[str, Cost] | None = None,
        own_teachers: Sequence[str] = (),
        few_labels: Mapping[str, FewLabels] | None = None,
    ) -> None:
        check_names("methods", methods)
        pandas = require("pandas", "cli")
        self.tasks = {task.name: task for task in listed_tasks(tasks)}
        self.methods = list(methods)
        self.runs = dict(runs or {})
        self.conditions = dict(conditions or {})
        self.titles = dict(titles or {})
        self.own_teachers = list(own_teachers)
        self._costs = dict(costs or {})
        self._few_labels = dict(few_labels or {})
        self._all = pandas.DataFrame(rows, columns=["method", "seed", "task", "metric", "value"])
        self.table = self._all[self._all["method"].isin(self.methods)].reset_index(drop=True)

    def scores(self) -> Any:
        """The score of every task and Δ_MTL, one row a method and seed.

        Δ_MTL is taken against the mean of the single-task models over all seeds, so that the
        single-task models' own spread shows in their row.

        Returns:
            Pandas frame indexed by method and seed; columns are the tasks and Δ_MTL.
        """
        wide = self._wide()
        wide[DELTA] = self.changes()[DELTA].reindex(wide.index)
        return wide.loc[self.methods]

    def changes(self) -> Any:
        """The change of every task over the single-task models and Δ_MTL, in percent.

        Up is better. A task whose single-task score is 0 has no change, and there is no Δ_MTL: they
        are NaN, and `cautions` says so.

        Returns:
            Pandas frame as that of `scores`.
        """
        changed, single = self._wide(), self.single_task_scores()
        usable = {name: task for name, task in self.tasks.items() if single[name] != 0}
        rows = changed.to_dict("records")
        relative = [relative_changes(row, single, usable) for row in rows]
        for name in self.tasks:
            changed[name] = [row.get(name, math.nan) for row in relative]
        whole = len(usable) == len(self.tasks)
        changed[DELTA] = [delta_mtl(row, single, usable) if whole else math.nan for row in rows]
        return changed.loc[list(dict.fromkeys([SINGLE, *self.methods]))]

    def single_task_scores(self) -> dict[str, float]:
        """Mean score of the single-task models, `{task: score}`, the base of Δ_MTL."""
        return dict(self._wide().loc[SINGLE].mean())

    def _wide(self) -> Any:
        scores = {name: task.score for name, task in self.tasks.items()}
        chosen = self._all[self._all["metric"] == self._all["task"].map(scores)]
        wide = chosen.pivot(index=["method", "seed"], columns="task", values="value")
        return wide[list(self.tasks)].rename_axis(columns=None)

    def summary(self) -> Any:
        """Mean and standard error over the seeds.

        Returns:
            Pandas frame indexed by method; columns `(task or Δ_MTL, "mean" or "se")`. The
            standard error of one seed is NaN. `attrs["cautions"]` are the `cautions`.
        """
        groups = self.scores().groupby(level="method", sort=False)
        frame = groups.agg(["mean", "sem"]).loc[self.methods]
        frame = frame.rename(columns={"sem": "se"}, level=1)
        frame.attrs["cautions"] = self.cautions()
        return frame

    def cautions(self) -> dict[str, str]:
        """Where a relative change, and Δ_MTL with it, says little or something else.

        A task is named if the score that its changes are relative to is 0 or below; varies over
        the seeds by more than a third of itself; is under 0.05 where higher is better; or is so
        small that a method's mean change is beyond 200 %; or is far behind a method's, as that of a
        teacher that answers in other units. And if less than a fifth of its training samples have a
        label, so that methods that learn from labels alone see few in a step.

        Returns:
            `{task: sentences}`, empty where all is well.
        """
        base, means = self._wide().loc[SINGLE], self.changes().groupby(level="method").mean()
        found = {}
        for name, task in self.tasks.items():
            shown = {self.title_of(method): float(means[name][method]) for method in self.methods}
            said = caution(task, base[name].to_numpy("float64"), shown, self.base_title())
            told = [each for each in (said, self._of_labels(name)) if each is not None]
            if told:
                found[name] = " ".join(told)
        return found

    def _of_labels(self, task: str) -> str | None:
        """What few labels of a task mean for the methods that are shown."""
        few = self._few_labels.get(task)
        if few is None:
            return None
        concerned = [method for method in self.methods if method in few.leaving_out]
        return few_labels_caution(few, list(map(self.title_of, concerned)))

    def costs(self) -> Any:
        """What a prediction of all tasks costs with each method's student.

        `"single"`, which is always there, are the single-task models (or teachers) together, one
        after the other in one call. The time is that of Keras' compiled `predict_on_batch` of one
        sample on the machine that compares: the mean of five rounds of calls, in which students of
        different architecture and the single-task models took turns, each round counted by its
        median. Methods whose students have one architecture share one measurement.

        Returns:
            Pandas frame indexed by method; columns `parameters`, `milliseconds`,
            `milliseconds_se`. What is not known, as in directories that an earlier version of this
            package wrote and nobody ran again, is NaN.
        """
        pandas = require("pandas", "cli")
        rows = {name: self._cost(name) for name in dict.fromkeys([SINGLE, *self.methods])}
        columns = ["parameters", "milliseconds", "milliseconds_se"]
        return pandas.DataFrame.from_dict(rows, "index", "float64", columns).rename_axis("method")

    def _cost(self, method: str) -> tuple[float, float, float]:
        runs = [run for (name, _), run in self.runs.items() if name == method]
        counts = [float(run.parameters) for run in runs if run.parameters is not None]
        trained = sum(counts) / len(counts) if counts else math.nan
        cost = self._costs.get(method)
        if cost is None:
            return trained, math.nan, math.nan
        if counts and cost.parameters not in counts:
            # It trains another student than the one that it says it makes.
            return trained, math.nan, math.nan
        # A round's median is a value as a seed's is.
        mean, se = mean_and_se(cost.milliseconds)
        return trained if counts else float(cost.parameters), mean, se

    def difference(self, one: str, other: str) -> Difference:
        """How much larger the Δ_MTL of one method is than another's, seed by seed.

        Args:
            one: A method, or `"single"`.
            other: Likewise.

        Returns:
            `mean` and `se` of the difference in percentage points, `seeds`, the number of seeds
            that both have, and `clear`: whether the 95 % interval by Student's t leaves 0 out.
            It never is on one seed or two, and asks for 4.3 standard errors on three.
        """
        changes = self.changes()[DELTA]
        return Difference.of((changes[one] - changes[other]).dropna().to_numpy())

    def mean_change(self, method: str) -> tuple[float, float]:
        """Mean Δ_MTL of a method and its standard error; NaN where a seed has none."""
        return mean_and_se(self.changes()[DELTA][method])

    def best(self) -> str | None:
        """The multi-task method whose Δ_MTL is clearly larger than every other one's.

        `None` if the seeds do not support that: see `difference`.
        """
        return best_of(self)

    def verdict(self) -> str:
        """What came out: the best method if there is one, and how it is against the base."""
        said = verdict_of(self)
        if not said:
            return said
        costs = self.costs()
        size = sizes(costs["parameters"], costs["milliseconds"], ranking(self)[0])
        return f"{said} {size}".strip()

    def base_title(self) -> str:
        """What changes are relative to: single-task models, or the teachers that were given."""
        return "the teachers" if SINGLE in self.titles else "single-task models"

    def title_of(self, method: str) -> str:
        """The name of a method in tables and pictures."""
        return self.titles.get(method, title_of(method))

    def save_csv(self, path: str | Path) -> Path:
        """Write the table as CSV and return where."""
        path = Path(path)
        files.write_atomically(path, lambda partial: self.table.to_csv(partial, index=False))
        return path

    def save_scores(self, path: str | Path) -> Path:
        """Write every seed's scores and Δ_MTL as CSV and return where."""
        path = Path(path)
        files.write_atomically(path, lambda partial: self.scores().to_csv(partial))
        return path

    def save_figure(self, path: str | Path) -> Path:
        """Draw Δ_MTL and every task's change over single-task models, and return where."""
        from keras_mtkd.plots import plot_comparison

        path = Path(path)
        figure = plot_comparison(self).figure
        files.write_atomically(path, lambda partial: figure.savefig(partial, dpi=150))
        return path

    def save_cost_figure(self, path: str | Path, cost: str = "parameters") -> Path:
        """Draw Δ_MTL against what a prediction costs, and return where.

        Args:
            path: Where to write.
            cost: `"parameters"` or `"milliseconds"`.

        Raises:
            ValueError: If the costs are not known.
        """
        from keras_mtkd.plots import plot_cost

        path = Path(path)
        figure = plot_cost(self, cost).figure
        files.write_atomically(path, lambda partial: figure.savefig(partial, dpi=150))
        return path

    def save_report(self, path: str | Path) -> Path:
        """Write one HTML page that needs nothing else, and return where.

        Tables that can be sorted, Δ_MTL with standard errors, gaps by task, and, where runs are
        known, learning curves, similarities, queues, versions and machine.
        """
        from keras_mtkd.experiments.report import as_html

        path, page = Path(path), as_html(self)
        files.write_atomically(path, lambda partial: partial.write_text(page, encoding="utf-8"))
        return path

    def save_tensorboard(self, directory: str | Path) -> Path:
        """Write what TensorBoard shows, and return where.

        The table of hyperparameters has a row a method and seed, with all settings, final scores
        and Δ_MTL; where runs are known there are learning curves, similarities and queues.

        Raises:
            ImportError: If tensorboard is not installed.
        """
        from keras_mtkd.experiments.tensorboard import write_events

        directory = Path(directory)
        write_events(self, directory)
        return directory

    def __str__(self) -> str:
        from keras_mtkd.experiments.rendering import as_text

        told = [f"Caution, {name}: {said}" for name, said in self.cautions().items()]
        return "\n".join([as_text(self), *told])
