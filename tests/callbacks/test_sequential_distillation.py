import keras
import numpy as np
import pytest
from helpers import snapshot
from scheduling.adaptive_starts import adaptive_starts
from stopping import StopAfter

import keras_mtkd as mtkd
from callbacks.three_tasks import LOSSES, TASKS, UNITS, data, distiller, fit, walk
from keras_mtkd.callbacks import SequentialDistillation as DefaultSchedule
from keras_mtkd.callbacks import SimilarityGrouping
from keras_mtkd.scheduling.complexity import student_gap
from keras_mtkd.scheduling.scales import loss_scales


def SequentialDistillation(*args, **kwargs):
    """With stages of equal length and weights of 0 and 1, which are easier to count."""
    plain = {"last_start": None, "waiting": (0.0, 0.0), "loss_scale": 0.0}
    return DefaultSchedule(*args, **{**plain, **kwargs})


QUEUE = [["b"], ["a"], ["c"]]


def know(teacher, task):
    """Teach without training: the head becomes the least squares on the features."""
    x, y = data()
    hidden, head = teacher.layers[1:]
    kernel, bias = hidden.get_weights()
    features = np.maximum(x @ kernel + bias, 0.0)
    wanted = np.eye(UNITS[task])[y[task]] if task == "a" else y[task]
    found = np.linalg.lstsq(features, wanted, rcond=None)[0]
    head.set_weights([found, np.zeros(UNITS[task])])


class TestSequentialDistillation:
    @pytest.mark.parametrize(
        ("mode", "task", "distillation"),
        [
            ("cumulative", [1, 1, 1], [0, 0, 1]),
            ("strict", [0, 0, 1], [0, 0, 1]),
            ("exclusive", [1, 1, 1], [0, 0, 1]),
        ],
    )
    def test_weights_follow_the_stages(self, mode, task, distillation):
        history = walk(distiller(), SequentialDistillation(mode, queue=QUEUE))
        assert history["stage"] == [0, 0, 1, 1, 2, 2]
        assert history["c_task_weight"] == list(np.repeat(task, 2))
        assert history["c_distillation_weight"] == list(np.repeat(distillation, 2))
        first = [1, 1, 0, 0, 0, 0] if mode == "exclusive" else [1] * 6
        assert history["b_distillation_weight"] == first

    @pytest.mark.traced
    def test_weights_enter_the_objective_without_retracing(self):
        traces = []

        class Counting(mtkd.MultiTaskDistiller):
            def compute_loss(self, *args, **kwargs):
                traces.append(kwargs.get("training", True))
                return super().compute_loss(*args, **kwargs)

        model = distiller(Counting, rate=0.0, task_weights={"c": 3.0})
        history = fit(model, SequentialDistillation("strict", queue=QUEUE))
        losses = {task: history[f"{task}_loss"][0] for task in TASKS}
        distances = {task: history[f"{task}_distillation_loss"][-1] for task in TASKS}
        expected, total = [], 0.0
        for task in "bac":
            total += losses[task] * (3.0 if task == "c" else 1.0) + distances[task]
            expected += [total, total]
        assert history["loss"] == pytest.approx(expected, rel=1e-5)
        assert history["c_task_weight"] == [0, 0, 0, 0, 3, 3]
        assert len(traces) <= 2

    def test_the_queue_goes_from_complex_to_simple(self):
        model = distiller()
        complexity = {"a": 0.2, "b": 0.9, "c": 0.5}
        walk(model, SequentialDistillation(complexity=complexity), epochs=1)
        assert model.queue == [["b"], ["c"], ["a"]]
        model = distiller()
        walk(model, SequentialDistillation(complexity=complexity, order="simple-first"), epochs=1)
        assert model.queue == [["a"], ["c"], ["b"]]

    def test_complexity_is_the_share_of_the_loss_that_teachers_leave(self):
        model = distiller()
        x, y = data(1)
        teacher = model.teachers["b"]
        know(teacher, "b")
        callback = SequentialDistillation()
        student = {task: np.array(out) for task, out in model.student(x).items()}
        walk(model, callback, epochs=1)
        taught = float(np.mean((np.array(teacher(x)["b"]) - y["b"]) ** 2))
        untaught = float(np.mean((student["b"] - y["b"]) ** 2))
        assert taught < untaught
        measured = callback._indicator.teacher_losses()["b"]
        assert measured == pytest.approx(taught, rel=1e-4)
        assert model.queue[-1] == ["b"]

    def test_uses_the_blocks_of_similarity_grouping(self):
        model = distiller()
        walk(model, SimilarityGrouping(n_blocks=2), SequentialDistillation(), epochs=2)
        assert {frozenset(b) for b in model.queue} == {frozenset(b) for b in model.blocks}

    def test_blocks_can_be_given(self):
        model = distiller()
        complexity = {"a": 0.1, "b": 0.2, "c": 0.8}
        blocks = [["a", "b"], ["c"]]
        walk(model, SequentialDistillation(blocks=blocks, complexity=complexity), epochs=1)
        assert model.blocks == blocks
        assert model.queue == [["c"], ["b", "a"]]

    def test_by_default_the_last_block_enters_early(self):
        history = walk(distiller(), DefaultSchedule(queue=QUEUE), epochs=16)
        assert history["stage"] == [0, 0, 1, 1] + [2] * 12
        waiting, entered = history["c_task_weight"][0], history["c_task_weight"][-1]
        assert history["c_task_weight"] == [waiting] * 4 + [entered] * 12
        assert waiting == pytest.approx(0.03 * entered)
        assert history["c_distillation_weight"] == pytest.approx([0.3] * 4 + [1.0] * 12)

    def test_losses_are_scaled_by_what_the_teachers_leave(self):
        callback = SequentialDistillation(queue=QUEUE, loss_scale=0.5)
        history = walk(distiller(task_weights={"c": 3.0}), callback, epochs=1)
        scales = loss_scales(callback._indicator.teacher_losses(), 0.5)
        found = {task: history[f"{task}_task_weight"][0] for task in TASKS}
        assert found["b"] == pytest.approx(scales["b"], rel=1e-6)
        callback = SequentialDistillation("cumulative", queue=QUEUE, loss_scale=0.5)
        history = walk(distiller(task_weights={"c": 3.0}), callback, epochs=1)
        assert history["c_task_weight"] == pytest.approx([3.0 * scales["c"]], rel=1e-6)

    def test_tasks_without_a_teacher_keep_their_weights(self):
        model = distiller(teachers=("a", "b"))
        history = walk(model, SequentialDistillation("strict", queue=[["a"], ["b"]]))
        assert history["c_task_weight"] == [1.0] * 6

    def test_cycle_takes_one_block_a_step(self):
        seen = []

        class Watch(keras.callbacks.Callback):
            def on_train_batch_end(self, batch, logs=None):
                seen.append(np.array(self.model.distillation_weights).tolist())

        model = distiller()
        order = [model.task_names.index(task) for task in "bac"]
        callback = SequentialDistillation("cycle", queue=QUEUE)
        fit(model, callback, Watch(), epochs=2, batch_size=16)
        assert [np.argmax(row) for row in seen] == order * 2
        assert all(sum(row) == 1.0 for row in seen)

    def test_cycle_trains_the_current_block_alone(self):
        model = distiller(rate=0.1)
        heads = {t: model.student.layers[-3 + i] for i, t in enumerate(TASKS)}
        before = {t: snapshot(layer) for t, layer in heads.items()}
        fit(model, SequentialDistillation("cycle", queue=[["b"], ["a", "c"]]), epochs=1)
        changed = {
            t: not np.array_equal(before[t][0], snapshot(layer)[0]) for t, layer in heads.items()
        }
        assert changed == {"a": False, "b": True, "c": False}

    def test_stages_as_long_as_blocks_are_complex(self):
        callback = SequentialDistillation(
            complexity={"a": 0.1, "b": 0.6, "c": 0.3}, stages="complexity"
        )
        assert walk(distiller(), callback, epochs=10)["stage"] == [0] * 6 + [1] * 3 + [2]

    def test_adaptive_stages_join_when_nothing_is_gained(self):
        callback = SequentialDistillation(
            queue=QUEUE, stages="adaptive", patience=2, last_start=0.75
        )
        history = walk(distiller(), callback, epochs=9)
        assert history["stage"] == [0, 0, 0, 1, 1, 1, 2, 2, 2]

    def test_adaptive_stages_are_those_of_the_pure_function(self):
        model = distiller(rate=0.05)
        callback = SequentialDistillation(
            queue=QUEUE, stages="adaptive", patience=1, min_delta=0.02, last_start=0.9
        )
        history = fit(model, callback, epochs=12, validation=True)
        teachers = callback._indicator.teacher_losses()
        gaps = [
            [
                student_gap({t: history[f"val_{t}_loss"][e]}, teachers)[t]
                for t in (block[0] for block in QUEUE)
            ]
            for e in range(12)
        ]
        starts = adaptive_starts(gaps, 3, 12, patience=1, min_delta=0.02, last_start=0.9)
        assert model.schedule.starts == [start for start in starts if start < 12]
        assert len(starts) > 1

    def test_complexities_are_measured_on_the_untrained_student_once(self):
        model = distiller()
        callback = SequentialDistillation(stages="complexity")
        walk(model, callback, epochs=1)
        first = model.schedule.complexity
        assert set(first) == set(TASKS)
        model.student.set_weights([2.0 * weight for weight in model.student.get_weights()])
        walk(model, callback, epochs=3)
        assert callback._indicator.share_left() != pytest.approx(first, rel=1e-2)
        assert model.schedule.complexity == first

    def test_students_own_gap_orders_the_waiting_blocks(self):
        model = distiller()
        callback = SequentialDistillation(queue=QUEUE, complexity="student")
        walk(model, callback)
        x, y = data(1)
        losses = {t: float(LOSSES[t](y[t], out)) for t, out in model.student(x).items()}
        gaps = student_gap(losses, callback._indicator.teacher_losses())
        assert model.queue[0] == ["b"]
        assert model.queue[1:] == sorted([["a"], ["c"]], key=lambda block: -gaps[block[0]])

    @pytest.mark.parametrize(
        "arguments",
        [
            {"mode": "x"},
            {"stages": "x"},
            {"order": "x"},
            {"complexity": "x"},
            {"patience": 0},
            {"waiting": (2.0, 0.0)},
        ],
        ids=str,
    )
    def test_refusals(self, arguments):
        with pytest.raises(ValueError, match=rf"`{next(iter(arguments))}` must be"):
            SequentialDistillation(**arguments)

    def test_queue_of_unknown_tasks(self):
        with pytest.raises(ValueError, match="'z' in blocks or queue is not a task"):
            walk(distiller(), SequentialDistillation(queue=[["z"]]), epochs=1)


EPOCHS = 10


class TestTrial:
    """The first epoch of a run, on everything at once, which tells the complexities."""

    def taught(self, **compiled):
        model = distiller()
        for task, teacher in model.teachers.items():
            know(teacher, task)
        model.compile(keras.optimizers.SGD(0.02, momentum=0.9), loss=LOSSES, **compiled)
        return model

    @pytest.fixture(scope="class")
    def excess(self):
        """After one joint epoch (student - teacher) / constant, of losses on validation data."""
        model = self.taught()
        fit(model, epochs=1, batch_size=16)
        x, y = data(1)
        found = {}
        for task in TASKS:
            student = np.array(model.student(x)[task])
            teacher = np.array(model.teachers[task](x)[task])
            constant = np.broadcast_to(student.mean(axis=0), student.shape)
            values = [
                float(LOSSES[task](y[task], prediction))
                for prediction in (student, teacher, constant)
            ]
            found[task] = np.clip((values[0] - values[1]) / values[2], 0.0, 1.0)
        return found

    def state(self, model):
        parts = (model.student, *model.adaptors.values())
        values = [array for part in parts for array in snapshot(part)]
        return values + [np.array(variable) for variable in model.optimizer.variables]

    def test_what_lags_behind_after_one_joint_epoch_is_complex(self, excess):
        model, callback = self.taught(), SequentialDistillation()
        history = fit(model, callback, epochs=EPOCHS, until=2, batch_size=16, validation=True)
        assert model.schedule.complexity == pytest.approx(excess, rel=1e-3, abs=1e-5)
        assert len(set(excess.values())) == len(TASKS)
        order = sorted(TASKS, key=lambda task: -excess[task])
        assert model.queue == [[task] for task in order]
        assert history["stage"] == [-1, 0]
        for task in TASKS:
            assert history[f"{task}_task_weight"][0] == 1.0
            assert history[f"{task}_distillation_weight"][0] == 1.0

    def test_stages_share_the_epochs_after_it(self):
        history = walk(self.taught(), SequentialDistillation(), epochs=EPOCHS)
        assert history["stage"] == [-1] + [0] * 3 + [1] * 3 + [2] * 3

    def taken_back(self, mode, until, steps):
        """The same run with a trial and without, up to an epoch."""
        length = {"batch_size": 48 // steps}
        model = self.taught()
        fit(model, SequentialDistillation(mode), epochs=EPOCHS, until=until, **length)
        other = self.taught()
        callback = SequentialDistillation(mode, queue=model.queue)
        fit(other, callback, epochs=EPOCHS - 1, until=until - 1, **length)
        for one, another in zip(self.state(model), self.state(other), strict=True):
            np.testing.assert_allclose(one, another, rtol=1e-5, atol=1e-6)
        assert int(np.array(model.optimizer.iterations)) == (until - 1) * steps

    def test_is_taken_back(self):
        self.taken_back("strict", until=3, steps=3)

    @pytest.mark.parametrize("mode", ["cycle", "exclusive"])
    def test_goes_with_every_mode(self, mode):
        # Up to the second stage.
        self.taken_back(mode, until=5, steps=1)

    def test_several_steps_an_execution(self, excess):
        model = self.taught(steps_per_execution=2)
        callback = SequentialDistillation(data=data(1))
        fit(model, callback, epochs=EPOCHS, until=1, batch_size=16)
        assert model.schedule.complexity == pytest.approx(excess, rel=1e-3)

    def test_data_of_unknown_length(self, excess):
        def batches():
            x, y = data()
            for start in (0, 16, 32) * EPOCHS:
                rows = slice(start, start + 16)
                yield x[rows], {task: labels[rows] for task, labels in y.items()}

        model = self.taught()
        model.fit(
            batches(),
            steps_per_epoch=3,
            epochs=EPOCHS,
            shuffle=False,
            verbose=0,
            callbacks=[SequentialDistillation(data=data(1)), StopAfter(1)],
        )
        assert model.schedule.complexity == pytest.approx(excess, rel=1e-3)

    @pytest.mark.parametrize(
        "arguments",
        [{"queue": QUEUE}, {"order": "random"}, {"complexity": "teacher"}, {"blocks": [[*TASKS]]}],
        ids=str,
    )
    def test_only_where_it_can_tell_something(self, arguments):
        history = walk(distiller(), SequentialDistillation(**arguments), epochs=EPOCHS, until=1)
        assert history["stage"][0] == 0

    def test_short_runs_go_by_the_teachers(self):
        model, other = distiller(), distiller()
        assert walk(model, SequentialDistillation(), epochs=EPOCHS - 1)["stage"][0] == 0
        walk(other, SequentialDistillation(complexity="teacher"), epochs=EPOCHS - 1)
        assert model.schedule.complexity == other.schedule.complexity


class TestInvariants:
    def train(self, *callbacks, off=False, **kwargs):
        model = distiller(rate=0.05, **kwargs)
        if off:
            model.distillation_weights.assign([0.0] * 3)
        fit(model, *callbacks, epochs=3)
        return snapshot(model.student)

    @pytest.fixture(scope="class")
    def mtlkd(self):
        return self.train()

    @pytest.mark.parametrize("mode", ["cumulative", "strict", "exclusive", "cycle"])
    def test_one_block_is_mtlkd(self, mode, mtlkd):
        scd = self.train(SequentialDistillation(mode, queue=[["a", "b", "c"]]))
        for one, other in zip(scd, mtlkd, strict=True):
            np.testing.assert_allclose(one, other, atol=1e-6)

    def test_weight_zero_is_plain_multi_task_learning(self):
        for one, other in zip(self.train(off=True), self.train(teachers=()), strict=True):
            np.testing.assert_allclose(one, other, atol=1e-6)

    def test_the_last_cumulative_stage_has_mtlkds_objective(self):
        histories = [
            fit(distiller(rate=0.0), *callbacks, epochs=3)["loss"]
            for callbacks in ([SequentialDistillation("cumulative", queue=QUEUE)], [])
        ]
        assert histories[0][-1] == pytest.approx(histories[1][-1], rel=1e-6)
        assert histories[0][0] < histories[1][0]


class TestResume:
    class BackupOnce(keras.callbacks.BackupAndRestore):
        """Leaves what a run would leave that is killed after so many epochs."""

        def __init__(self, folder, epochs):
            super().__init__(folder, delete_checkpoint=False)
            self.epochs = epochs

        def on_epoch_end(self, epoch, logs=None):
            if epoch + 1 == self.epochs:
                super().on_epoch_end(epoch, logs)

    @pytest.mark.parametrize(
        ("stages", "complexity"),
        [
            ("equal", {"a": 0.3, "b": 0.5, "c": 0.2}),
            ("complexity", {"a": 0.3, "b": 0.5, "c": 0.2}),
            ("adaptive", {"a": 0.3, "b": 0.5, "c": 0.2}),
            ("equal", "trial"),
            ("adaptive", "trial"),
        ],
        ids=str,
    )
    def test_a_run_stopped_in_stage_two_goes_on_in_stage_two(self, stages, complexity, tmp_path):
        def callbacks(backup):
            return [
                backup,
                SimilarityGrouping(n_blocks=3),
                SequentialDistillation(
                    "strict",
                    stages=stages,
                    patience=2,
                    min_delta=0.5,
                    complexity=complexity,
                ),
            ]

        epochs, epoch = (EPOCHS, 8) if complexity == "trial" else (6, 4)
        whole = distiller()
        expected = fit(whole, *callbacks(self.BackupOnce(tmp_path, epoch)), epochs=epochs)
        resumed = distiller()
        restore = keras.callbacks.BackupAndRestore(tmp_path)
        history = fit(resumed, *callbacks(restore), epochs=epochs)
        assert len(expected["stage"]) == epochs
        assert history["stage"] == expected["stage"][epoch:]
        assert history["stage"][0] >= 1
        assert resumed.queue == whole.queue
        for one, other in zip(snapshot(whole), snapshot(resumed), strict=True):
            np.testing.assert_allclose(one, other, atol=1e-6)

    def test_a_saved_distiller_keeps_blocks_queue_and_weights(self, tmp_path):
        model = distiller(task_weights={"c": 2.0})
        fit(model, SequentialDistillation("strict", queue=QUEUE), epochs=2)
        model.save(tmp_path / "distiller.keras")
        loaded = keras.saving.load_model(tmp_path / "distiller.keras")
        assert (loaded.blocks, loaded.queue) == (QUEUE, QUEUE)
        np.testing.assert_array_equal(loaded.task_weights, model.task_weights)
        history = fit(loaded, SequentialDistillation("strict"), epochs=3)
        assert history["c_task_weight"] == [0.0, 0.0, 2.0]
