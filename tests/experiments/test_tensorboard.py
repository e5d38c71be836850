"""A comparison in the files of TensorBoard."""

import pytest
from event_readers import hparams, read, scalars


class TestTensorBoard:
    NAME = "events.out.tfevents.0.comparison"

    @pytest.fixture(scope="class")
    def written(self, with_scd, tmp_path_factory):
        return with_scd[1], with_scd[1].save_tensorboard(tmp_path_factory.mktemp("board"))

    def test_table_of_hyperparameters(self, written):
        comparison, board = written
        (columns,) = hparams(board / self.NAME)
        names = [info.name for info in columns.experiment.hparam_infos]
        assert names[:3] == ["method", "title", "seed"]
        assert {"learning_rate", "weight", "epochs"} <= set(names)
        tags = [metric.name.tag for metric in columns.experiment.metric_infos]
        assert tags == ["score/a", "score/b", "score/Δ_MTL"]
        (row,) = hparams(board / "scd" / "seed0" / self.NAME)
        values = row.session_start_info.hparams
        assert values["method"].string_value == "scd"
        assert values["title"].string_value == "SCD"
        assert values["learning_rate"].number_value == comparison.conditions["learning_rate"]

    def test_scores_curves_and_pictures(self, written):
        comparison, board = written
        final = read(board / "scd" / "seed0" / self.NAME)
        scores = comparison.scores().loc["scd", 0]
        assert scalars(final, "score/a") == [(2, scores["a"])]
        assert scalars(final, "score/Δ_MTL") == [(2, scores["Δ_MTL"])]
        assert final["similarity"][0][1][2].startswith(b"\x89PNG")
        assert final["queue"][0][1][2].startswith(b"\x89PNG")
        curve = read(board / "uniform" / "seed0" / "validation" / self.NAME)
        history = comparison.runs["uniform", 0].history
        assert scalars(curve, "mae/b") == list(enumerate(history["val_b_mae"]))

    def test_a_second_call_writes_the_same_files(self, written):
        comparison, board = written
        before = sorted(board.rglob("*"))
        comparison.save_tensorboard(board)
        assert sorted(board.rglob("*")) == before
