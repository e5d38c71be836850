"""What came out of a comparison."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from keras_mtkd._backend.export import mtkd_export
from keras_mtkd._backend.names import check_names
from keras_mtkd._backend.optional import require
from keras_mtkd._storage import files
from keras_mtkd.experiments.methods import SINGLE, title_of
from keras_mtkd.experiments.run import Run
from keras_mtkd.metrics.delta_mtl import DELTA, delta_mtl
from keras_mtkd.task import Task


@mtkd_export("keras_mtkd.experiments.Comparison")
class Comparison:
    """Results of methods × seeds, all measured on the same data.

    Args:
        tasks: `{name: Task}`.
        methods: The methods to show, in order.
        rows: One dict a value: method, seed, task, metric, value.
        runs: `{(method, seed): Run}`, how trainings went, as far as known.
        conditions: What all runs have in common, `{name: value}`.
        titles: `{method: title}` where it is not that of a known method.

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
    ) -> None:
        check_names("methods", methods)
        pandas = require("pandas", "cli")
        self.tasks = dict(tasks)
        self.methods = list(methods)
        self.runs = dict(runs or {})
        self.conditions = dict(conditions or {})
        self.titles = dict(titles or {})
        self._all = pandas.DataFrame(rows, columns=["method", "seed", "task", "metric", "value"])
        self.table = self._all[self._all["method"].isin(self.methods)].reset_index(drop=True)

    def scores(self) -> Any:
        """The score of every task and Δ_MTL, one row a method and seed.

        Δ_MTL is taken against the mean of the single-task models over all seeds, so that the
        single-task models' own spread shows in their row.

        Returns:
            Pandas frame indexed by method and seed; columns are the tasks and Δ_MTL.
        """
        wide, single = self._wide(), self.single_task_scores()
        wide[DELTA] = [delta_mtl(row, single, self.tasks) for row in wide.to_dict("records")]
        return wide.loc[self.methods]

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
            standard error of one seed is NaN.
        """
        groups = self.scores().groupby(level="method", sort=False)
        frame = groups.agg(["mean", "sem"]).loc[self.methods]
        return frame.rename(columns={"sem": "se"}, level=1)

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

        return as_text(self)
