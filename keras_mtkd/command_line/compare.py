"""`keras-mtkd compare`."""

import dataclasses
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from keras_mtkd.command_line import own_functions, own_methods, own_models, own_problem
from keras_mtkd.command_line.known import check_functions, check_names, check_rates, check_split
from keras_mtkd.command_line.needed import check_packages
from keras_mtkd.command_line.options import Directory, Seeds, Verbose
from keras_mtkd.command_line.reporting import reported

if TYPE_CHECKING:
    from keras_mtkd.problem import Problem

_RECIPE = "Default: the recipe's."


def _part(given: str | None) -> None:
    """The former name of an option."""
    if given is not None:
        raise typer.BadParameter(f"it is called '--split' since 0.2: pass '--split {given}'.")


def compare(
    problem: Annotated[
        str,
        typer.Option(
            help="A problem's name, see `keras-mtkd problems`, or your own: `module:function` or "
            "`file.py:function`, a function without arguments that returns a Problem."
        ),
    ] = "digits",
    path: Annotated[
        Path | None, typer.Option(help="Folder with the problem's data, where it reads files.")
    ] = None,
    methods: Annotated[
        str,
        typer.Option(
            help="Names of methods or groups, separated by commas, see `keras-mtkd methods`, and "
            "your own: `module:method` or `file.py:method`, an experiments.Method, or a function "
            "without arguments that returns one."
        ),
    ] = "single,uniform,mtlkd",
    teachers: Annotated[
        str | None,
        typer.Option(
            help="Your own teachers: `module:function` or `file.py:function`, a function of the "
            "problem, and of the seed if it has an argument `seed`, that returns {task: model}. "
            "Other tasks' teachers are trained."
        ),
    ] = None,
    student: Annotated[
        str | None,
        typer.Option(
            help="Your own student, likewise: a function of the problem that returns a new model."
        ),
    ] = None,
    seeds: Seeds = 3,
    epochs: Annotated[
        int | None, typer.Option(min=1, help=f"Epochs of every teacher and student. {_RECIPE}")
    ] = None,
    learning_rate: Annotated[
        float | None,
        typer.Option(help=f"Adam's initial rate for students and teachers. {_RECIPE}"),
    ] = None,
    adaptor_learning_rate: Annotated[
        float | None, typer.Option(help=f"Adam's initial rate for adaptors. {_RECIPE}")
    ] = None,
    weight: Annotated[
        float | None,
        typer.Option(
            help="Factor of feature distillation next to a task's loss (mtlkd, scd); 0 turns it "
            f"off. {_RECIPE}"
        ),
    ] = None,
    logit_weight: Annotated[
        float | None, typer.Option(help=f"Factor of logit distillation (logits). {_RECIPE}")
    ] = None,
    restore_best_weights: Annotated[
        bool,
        typer.Option(
            "--best-epoch/--last-epoch",
            help="Which epoch of every training counts; the best one by validation data.",
        ),
    ] = True,
    split: Annotated[
        str, typer.Option(help="Measure on 'test' or, to tune, on 'validation' data.")
    ] = "test",
    part: Annotated[
        str | None, typer.Option(hidden=True, callback=_part, help="Called --split since 0.2.")
    ] = None,
    directory: Directory = Path("runs/compare"),
    workers: Annotated[
        int,
        typer.Option(
            min=1, help="Processes that train side by side, each on its share of the cores."
        ),
    ] = 1,
    verbose: Verbose = True,
) -> None:
    """Train methods × seeds under equal conditions and print mean ± standard error.

    All methods of a seed start from the same weights, learn from the same teachers and see the
    same data. Epochs, rates and weights are those of the problem's recipe unless given: the
    settings that were published for it or found on its validation data. `keras-mtkd problems`
    shows them.
    """
    rates = {"learning_rate": learning_rate, "adaptor_learning_rate": adaptor_learning_rate}
    given = {
        "epochs": epochs,
        **rates,
        "weight": weight,
        "logit_weight": logit_weight,
        "restore_best_weights": restore_best_weights,
    }
    names = [name.strip() for name in methods.split(",")]
    with reported():
        # Now, while it takes no time.
        check_names(problem, path, names)
        check_functions(teachers=teachers, student=student)
        check_rates(rates)
        check_split(split)
        check_packages()
        from keras_mtkd import experiments
        from keras_mtkd.command_line.results import progress, show_results

        make = partial(_made, problem, path)
        # A module of the user's may bring methods.
        made = make()
        # Other processes make the problem themselves, as they do the models.
        known = make if workers > 1 else partial(_same, made)
        comparison = experiments.compare(
            made if workers == 1 else make,
            methods=own_methods.load_all(names, workers),
            seeds=range(seeds),
            directory=directory,
            settings=_settings(problem, given),
            split=split,
            verbose=progress(verbose),
            teachers=None if teachers is None else own_models.for_seeds(teachers, known, workers),
            student=None if student is None else partial(own_models.student, student),
            workers=workers,
        )
        show_results(comparison, directory)


def _same(problem: "Problem") -> "Problem":
    return problem


def _made(problem: str, path: Path | None) -> "Problem":
    """The problem of a name, or the user's own."""
    from keras_mtkd import datasets

    if own_functions.is_own(problem):
        return own_problem.load(problem)
    return datasets.load(problem, path)


def _settings(problem: str, given: dict[str, Any]) -> Any:
    """The problem's recipe, with what is given."""
    from keras_mtkd import experiments

    known = {name: value for name, value in given.items() if value is not None}
    return dataclasses.replace(experiments.recipe(problem), **known)
