"""The page of results is what its files say. `make results` trains what stands in them."""

import json
import math
import sys
from dataclasses import replace
from types import SimpleNamespace

import documents
import pytest
from problems import tiny_problem

from keras_mtkd.experiments import Settings

sys.path.append(str(documents.ROOT))

from benchmarks.results import (
    __main__ as command,
)
from benchmarks.results import (
    compression,
    data_sets,
    figure,
    methods,
    of_compression,
    of_methods,
    page,
    records,
)
from benchmarks.results.estimate import Seconds
from benchmarks.results.tables import listed

SECONDS = Seconds(start=10.0, epoch=1.0, tasks=3, larger=8.0)
COST = {"parameters": 100.0, "milliseconds": 0.5, "milliseconds_se": 0.1}


def run_of(method, seed, accuracy, error=0.5, **told):
    """Of a task of which more is better, and one of which less is."""
    scores = {"class": accuracy, "depth": error}
    run = {"seconds": 10.0, "best_epoch": 3, "parameters": 100, "change": 1.0, **told}
    return {"method": method, "seed": seed, "scores": scores, **run}


def part_of(accuracies, **told):
    """A comparison of `{method: accuracy of every seed}`."""
    runs = [
        run_of(method, seed, accuracy, **(told if method != "single" else {"seconds": None}))
        for method, values in accuracies.items()
        for seed, accuracy in enumerate(values)
    ]
    return {
        "methods": {method: method.upper() for method in accuracies},
        "conditions": {"epochs": 4, "weight": {"class": 2.0}, "learning_rate": 0.003},
        "costs": dict.fromkeys(accuracies, COST) | {"single": {**COST, "parameters": 400}},
        "environment": {"Keras": "3.15.1", "backend": "jax 0.10.2"},
        "runs": runs,
    }


def record_of(experiment, name="digits", **told):
    return {
        "format": records.FORMAT,
        "data_set": name,
        "title": data_sets.DATA_SETS[name].title,
        "experiment": experiment,
        "samples": {"train": 4000, "validation": 1000, "test": 1000},
        "tasks": {
            "class": {"score": "accuracy", "higher_is_better": True},
            "depth": {"score": "mae", "higher_is_better": False},
        },
        **told,
    }


OF_METHODS = {
    "single": [0.8, 0.8, 0.8],
    "uniform": [0.72, 0.721, 0.72],
    "mtlkd": [0.76, 0.76, 0.761],
    "scd": [0.761, 0.759, 0.762],
    "logits": [0.6, 0.61, 0.6],
}
CASES = [
    {
        "labels": labels,
        "labels_of_teachers": 1.0,
        **part_of(
            {
                "single": [0.9] * 3,
                "uniform": [0.5, 0.51, 0.5],
                "mtlkd-fill": [0.6, 0.61, 0.6],
                "logits-fill": [0.4, 0.6, 0.5],
            }
        ),
    }
    for labels in (1.0, 0.1)
]


@pytest.fixture
def folder(tmp_path):
    for record in (
        record_of("methods", **part_of(OF_METHODS)),
        record_of("methods", "census", **part_of({"single": [0.8], "uniform": [0.7]})),
        record_of("compression", cases=CASES),
    ):
        records.write(record, tmp_path)
    return tmp_path


def row_of(text, first):
    """The first one that begins so."""
    line = next(line for line in text.splitlines() if line.startswith(f"| {first} |"))
    return [cell.strip() for cell in line.strip("|").split("|")][1:]


def test_the_page_is_what_the_writer_makes_of_its_files():
    text, written = page.PAGE.read_text("utf-8"), page.page()
    assert written == text if written else page.MARK not in text


def test_methods_are_compared_with_what_the_seeds_support(folder):
    text = of_methods._changes({"d": records.comparison_of(record_of("", **part_of(OF_METHODS)))})
    assert row_of(text, "SCD") == ["**−2.5 ±0.1**"]
    assert row_of(text, "MTLKD") == ["≈ −2.5 ±0.0"]
    assert row_of(text, "UNIFORM") == ["−5.0 ±0.0"]
    assert row_of(text, "SINGLE") == ["0.0 ±0.0"]


def test_a_method_is_harmful_by_more_than_a_point_and_its_error():
    compared = records.comparison_of(record_of("", **part_of(OF_METHODS)))
    assert of_methods.harms(compared) == ["uniform", "logits"]
    # By 0.6 points, and by 1.2 ± 0.7.
    near = {**OF_METHODS, "uniform": [0.75] * 3, "logits": [0.74, 0.72, 0.76]}
    assert of_methods.harms(records.comparison_of(record_of("", **part_of(near)))) == []


def test_the_automatic_choice_is_held_against_the_best_and_pays_for_its_trials():
    choice = {
        "method": "mtlkd",
        "titles": {},
        "trials": [
            {"epochs": 1, "changes": {"mtlkd": 1.0, "logits": 0.0}},
            {"epochs": 4, "changes": {"uniform": 0.0, "mtlkd": 2.0}},
        ],
    }
    record = record_of("", **part_of(OF_METHODS))
    record["methods"]["auto"], record["costs"]["auto"] = "AUTO", COST
    record["runs"] += [run_of("auto", seed, 0.76, choice=choice) for seed in range(3)]
    compared = records.comparison_of(record)
    assert of_methods.best_in_hindsight(compared, without=["auto"]) == "scd"
    assert of_methods.training_ratio(compared, "auto") == pytest.approx(2.5)
    assert of_methods.training_ratio(compared, "mtlkd") == 1.0
    told = row_of(of_methods._automatic({"d": compared}), "d")
    assert told == ["MTLKD 3", "SCD", "0.0 ±0.1"]


def test_gains_are_over_the_same_student_without_teachers_by_seed():
    compared = records.comparison_of(record_of(""), CASES[1])
    found = of_compression.gains(compared, "mtlkd-fill")
    # Of two tasks one is as it was.
    assert found.mean == pytest.approx(50 * (0.1 / 0.5 + 0.1 / 0.51 + 0.1 / 0.5) / 3)
    assert of_compression.gain_text(found) == "**+9.9 ±0.1**"
    assert not of_compression.gains(compared, "logits-fill").clear
    assert of_compression.best_of(compared) == "mtlkd-fill"


def test_a_score_of_nothing_is_no_base_of_a_gain():
    case = part_of({"single": [0.9], "uniform": [-0.1], "mtlkd-fill": [0.5]})
    found = of_compression.gains(records.comparison_of(record_of(""), case), "mtlkd-fill")
    assert math.isnan(found.mean)
    assert of_compression.gain_text(found) == "–"


def test_the_page_has_all_parts_and_nothing_of_what_is_not_there(folder):
    text = page.page(folder)
    for heading in ("## Methods", "### Harm", "## Small students and few labels", "## Conditions"):
        assert f"\n{heading}\n" in text
    assert row_of(text, "10 %")[:2] == ["100 %", "**+9.9 ±0.1**"]
    assert row_of(text, "LOGITS")[-1] == ""
    assert "nan" not in text
    assert text.count("| 4 | class 2 | 0.003 |") == 3
    for file in folder.glob("*-compression.json"):
        file.unlink()
    without = page.page(folder)
    assert "results.png" not in without
    assert "Small students" not in without


def test_no_file_no_page(tmp_path):
    assert page.page(tmp_path) is None
    with pytest.raises(SystemExit, match="`make results` writes them"):
        page.main(["--root", str(tmp_path)])


NAV = "  - Measured:\n      - Results: results.md\n      - Benchmarks: benchmarks.md\n"


def test_a_page_that_was_written_by_hand_makes_room(folder):
    root, docs = folder, folder / "docs"
    (docs / "images").mkdir(parents=True)
    (docs / "results").mkdir()
    for file in root.glob("*.json"):
        file.rename(docs / "results" / file.name)
    (root / "mkdocs.yml").write_text(NAV)
    (root / "README.md").write_text("[All](docs/results.md), [part](docs/results.md#part)")
    (docs / "results.md").write_text("# Results\n\n[Here](results.md#part)\n")
    for _ in range(2):
        page.main(["--root", str(root)])
        assert (docs / "results.md").read_text("utf-8") == page.page(docs / "results")
        assert (docs / "images" / "results.png").stat().st_size > 1000
    earlier = (docs / "earlier_results.md").read_text("utf-8")
    assert earlier == "# Earlier results\n\n[Here](earlier_results.md#part)\n"
    told = (root / "README.md").read_text("utf-8")
    assert told == "[All](docs/results.md), [part](docs/earlier_results.md#part)"
    assert "results.md\n      - Earlier results: earlier_results.md\n" in (
        (root / "mkdocs.yml").read_text("utf-8")
    )
    (docs / "results.md").write_text("# By hand again\n")
    with pytest.raises(FileExistsError, match="Put what is new in it there"):
        page.main(["--root", str(root)])


def test_the_line_of_the_navigation_is_known():
    assert "      - Results: results.md\n" in (documents.ROOT / "mkdocs.yml").read_text("utf-8")


def test_the_figure_has_a_panel_a_data_set_with_the_fewest_labels(tmp_path):
    record = record_of("compression", cases=CASES)
    assert figure.shown(record)["labels"] == 0.1
    drawn = figure.draw({"one": record, "two": record, "three": record})
    assert [axes.get_visible() for axes in drawn.axes] == [True, True, True, False]
    figure.save({}, tmp_path / "gone.png")


def test_a_file_of_another_format_is_refused(folder):
    (folder / "digits-methods.json").write_text(json.dumps({"format": 0}))
    with pytest.raises(ValueError, match=r"must have the format 1. Received: 0. Make it again"):
        page.page(folder)


def test_words_in_a_sentence():
    assert listed(["1", "2", "3"]) == "1, 2 and 3"


def test_time_is_reckoned_before_anything_is_trained(monkeypatch, capsys, tmp_path):
    each = replace(
        data_sets.DATA_SETS["digits"], seconds=SECONDS, settings=Settings(epochs=10), larger={}
    )
    monkeypatch.setitem(data_sets.DATA_SETS, "digits", each)
    monkeypatch.setattr(methods, "METHODS", ("single", "uniform", "mtlkd", "auto"))
    # Teachers 40, uniform 20, MTLKD 27, five starts and 15 epochs 65 seconds, and five seeds.
    assert methods.seconds(each) == pytest.approx(5 * (40 + 20 + 27 + 65))
    # Larger teachers of three shares, and three distilled students in five cases.
    larger = 10 + 10 * 3 * 8
    assert compression.seconds(each) == pytest.approx(5 * (3 * larger + 5 * (20 + 3 * 27)))
    command.main(["--only", "digits", "--hours", "--directory", str(tmp_path / "none")])
    assert "digits              methods          0.1 hours" in capsys.readouterr().out
    assert not (tmp_path / "none").exists()


def test_what_is_not_there_is_left_out_and_told(monkeypatch, capsys, tmp_path):
    def missing(**_):
        raise FileNotFoundError("'census' does not exist.")

    each = replace(data_sets.DATA_SETS["census"], make=missing)
    monkeypatch.setitem(data_sets.DATA_SETS, "census", each)
    assert command.run(["census"], None, tmp_path, 1, tmp_path) == ["census"]
    assert "census is left out: 'census' does not exist." in capsys.readouterr().out


def test_files_of_a_data_set_are_looked_for_in_its_folder(tmp_path):
    each = replace(
        data_sets.DATA_SETS["census"], make=lambda *where, **told: SimpleNamespace(at=where, **told)
    )
    assert each.problem(tmp_path).at == ()
    (tmp_path / "census").mkdir()
    assert each.problem(tmp_path).at == (tmp_path / "census",)
    assert each.problem(tmp_path, larger=True).scale == data_sets.LARGER


def test_labels_are_left_of_those_that_are_there_and_samples_stay():
    problem = compression.with_share(tiny_problem(), 0.25, seed=0)
    weights = problem.train.sample_weight
    assert len(problem.train.x) == 32
    assert {task: int(of.sum()) for task, of in weights.items()} == {"a": 8, "b": 8}
    assert (weights["a"] != weights["b"]).any()
    again = compression.with_share(problem, 0.5, seed=1).train.sample_weight
    assert {task: int(of.sum()) for task, of in again.items()} == {"a": 4, "b": 4}
    assert ((weights["a"] > 0) | (again["a"] == 0)).all()
    other = compression.with_share(tiny_problem(), 0.25, seed=1).train.sample_weight
    assert (other["a"] != weights["a"]).any()


def test_from_training_to_the_page(monkeypatch, tmp_path):
    tiny = data_sets.DataSet(
        "tiny", "tiny", tiny_problem, Settings(epochs=1), SECONDS, larger={"width": 16}
    )
    monkeypatch.setitem(data_sets.DATA_SETS, "tiny", tiny)
    monkeypatch.setattr(methods, "METHODS", ("single", "uniform"))
    monkeypatch.setattr(compression, "METHODS", ("uniform", compression.BOTH))
    monkeypatch.setattr(compression, "CASES", ((0.5, 1.0),))
    for experiment in (methods, compression):
        monkeypatch.setattr(experiment, "SEEDS", 1)
    kept = tmp_path / "runs", tmp_path / "docs"
    assert command.run(["tiny"], None, kept[0], 1, kept[1]) == []
    text = page.page(kept[1])
    assert sorted(file.name for file in kept[1].iterdir()) == [
        "tiny-compression.json",
        "tiny-methods.json",
    ]
    assert row_of(text, "Uniform")
    assert row_of(text, "50 %")[0] == "100 %"
    told = json.loads((kept[1] / "tiny-methods.json").read_text("utf-8"))
    assert {run["method"] for run in told["runs"]} == {"single", "uniform"}
    assert told["samples"] == {"train": 32, "validation": 32, "test": 32}
    assert told["conditions"]["epochs"] == 1
    assert not {"data", "system"} & {*told["conditions"], *told["environment"]}
