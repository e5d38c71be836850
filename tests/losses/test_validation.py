"""Bad input: what was expected, what came, before training starts."""

import keras
import numpy as np
import pytest
from helpers import SAMPLES, toy_data, toy_losses, toy_model, toy_teachers

import keras_mtkd as mtkd
from keras_mtkd import losses
from keras_mtkd.losses.validation import check_batch, check_data


@pytest.fixture
def model():
    model = mtkd.MultiTaskDistiller(toy_model(), {})
    model.compile("sgd", loss=toy_losses())
    return model


class TestModels:
    def test_teacher_of_an_unknown_task(self):
        with pytest.raises(ValueError, match=r"teacher for 'c'.*Its tasks: \['a', 'b'\]"):
            mtkd.MultiTaskDistiller(toy_model(), {"c": toy_model()})

    def test_teacher_without_the_tasks_output(self):
        with pytest.raises(ValueError, match=r"teacher of 'b' has no output 'b'.*\['a'\]"):
            mtkd.MultiTaskDistiller(toy_model(), {"b": toy_model(("a",))})

    @pytest.mark.parametrize(
        "outputs",
        [
            lambda x: {"logits": x},
            lambda x: [x],
            lambda x: (x,),
            lambda x: {"a": x, "pooled": x},
        ],
        ids=["dict", "list", "tuple", "extra"],
    )
    def test_a_teacher_may_have_more_and_other_names(self, outputs):
        teacher = toy_model(("a",))
        teacher = keras.Model(teacher.input, outputs(teacher.output["a"]))
        model = mtkd.MultiTaskDistiller(toy_model(), {"a": teacher}, [mtkd.LogitDistillation()])
        model.compile("sgd", loss=toy_losses())
        logs = model.train_on_batch(*toy_data(), return_dict=True)
        assert np.isfinite(logs["a_distillation_loss"])

    @pytest.mark.parametrize(
        "outputs", [lambda x, h: {"sequence": h, "pooled": x}, lambda x, h: [x, h]]
    )
    def test_outputs_that_nobody_asks_for_are_no_reason_to_refuse(self, outputs):
        teacher = toy_model(("a",))
        hidden = teacher.get_layer("features").output
        teacher = keras.Model(teacher.input, outputs(teacher.output["a"], hidden))
        ways = [mtkd.FeatureDistillation("features")]
        mtkd.MultiTaskDistiller(toy_model(), {"a": teacher}, ways)
        with pytest.raises(ValueError, match=r"teacher of 'a' has several outputs.*none is called"):
            mtkd.MultiTaskDistiller(toy_model(), {"a": teacher}, [mtkd.LogitDistillation()])

    def test_a_tap_that_the_student_lacks_is_the_students(self):
        ways = [mtkd.FeatureDistillation("featurs", teacher_layer="features")]
        with pytest.raises(ValueError, match=r"Student: There is no layer 'featurs'.*'features'"):
            mtkd.MultiTaskDistiller(toy_model(), toy_teachers(), ways)
        ways = [mtkd.FeatureDistillation("features", teacher_layer="featurs")]
        with pytest.raises(ValueError, match=r"Teacher of \['a'\]: There is no layer 'featurs'"):
            mtkd.MultiTaskDistiller(toy_model(), toy_teachers(), ways)

    def test_a_word_about_teachers_whose_predict_is_their_own(self):
        class Prepares(keras.Model):
            def predict(self, x, **kwargs):
                return super().predict(x / 255.0, **kwargs)

        class MayPrepare(Prepares):
            preprocessor = None

        inputs, outputs = (lambda m: (m.input, m.output))(toy_model(("a",)))
        ways = [mtkd.LogitDistillation()]
        with pytest.warns(UserWarning, match=r"`predict` of the teacher.*may preprocess"):
            mtkd.MultiTaskDistiller(toy_model(), {"a": Prepares(inputs, outputs)}, ways)
        teacher = MayPrepare(inputs, outputs)
        mtkd.MultiTaskDistiller(toy_model(), {"a": teacher}, ways)
        teacher.preprocessor = lambda x: x
        with pytest.warns(UserWarning, match=r"may preprocess"):
            mtkd.MultiTaskDistiller(toy_model(), {"a": teacher}, ways)

    def test_a_teacher_of_other_inputs(self):
        inputs = keras.Input((8,))
        teacher = keras.Model(inputs, {"b": keras.layers.Dense(1)(inputs)}, name="larger")
        ways = [mtkd.LogitDistillation()]
        with pytest.raises(
            ValueError,
            match=r"Teacher of \['b'\]: 'larger' takes inputs of shape \(8,\), the student.*\(6,\)",
        ):
            mtkd.MultiTaskDistiller(toy_model(), {"b": teacher}, ways)
        # Behind a layer that makes them fit it teaches.
        small = keras.Input((6,))
        fitted = keras.Model(small, teacher(keras.layers.Dense(8)(small)))
        mtkd.MultiTaskDistiller(toy_model(), {"b": fitted}, ways)

    def test_teacher_that_is_no_model(self):
        with pytest.raises(TypeError, match=r"teacher of 'a' must be a `keras.Model`"):
            mtkd.MultiTaskDistiller(toy_model(), {"a": "teacher.keras"})
        with pytest.raises(TypeError, match=r"`teachers` must be a dict.*Received: list"):
            mtkd.MultiTaskDistiller(toy_model(), [toy_model()])

    def test_teacher_that_shares_weights_with_the_student(self):
        student = toy_model()
        with pytest.raises(ValueError, match=r"teacher of 'a' shares weights with the student"):
            mtkd.MultiTaskDistiller(student, {"a": student})

    @pytest.mark.parametrize("container", [lambda x: x, lambda x: [x, x], lambda x: {"a": [x, x]}])
    def test_student_without_dict_outputs(self, container):
        inputs = keras.Input((6,))
        student = keras.Model(inputs, container(keras.layers.Dense(3)(inputs)))
        with pytest.raises(ValueError, match=r"outputs must be a dict.*hard_sharing"):
            mtkd.MultiTaskDistiller(student, {})

    def test_sequential_student(self):
        student = keras.Sequential([keras.Input((6,)), keras.layers.Dense(3)])
        with pytest.raises(ValueError, match=r"outputs must be a dict"):
            mtkd.MultiTaskDistiller(student, {})

    def test_weights_of_an_unknown_task(self):
        with pytest.raises(ValueError, match=r"`task_weights` names the task 'c'"):
            mtkd.MultiTaskDistiller(toy_model(), toy_teachers(), task_weights={"c": 1.0})


class TestCompile:
    def test_head_without_loss(self):
        model = mtkd.MultiTaskDistiller(toy_model(), {})
        with pytest.raises(ValueError, match=r"head 'b' has no loss.*Received losses for: \['a'\]"):
            model.compile("sgd", loss={"a": "mse"})
        with pytest.raises(ValueError, match=r"head 'a' has no loss"):
            model.compile("sgd")

    def test_loss_without_head(self):
        model = mtkd.MultiTaskDistiller(toy_model(), {})
        with pytest.raises(ValueError, match=r"`loss` names 'c'"):
            model.compile("sgd", loss={**toy_losses(), "c": "mse"})
        with pytest.raises(ValueError, match=r"`loss` names 'A'.*Did you mean 'a'\? Its tasks"):
            model.compile("sgd", loss={"A": "mse", "b": "mse"})

    @pytest.mark.parametrize("argument", ["metrics", "weighted_metrics"])
    def test_metrics_without_head(self, argument):
        model = mtkd.MultiTaskModel(toy_model())
        said = rf"`{argument}` names 'A', which the student does not have\. Did you mean 'a'\?"
        with pytest.raises(ValueError, match=said):
            model.compile("sgd", loss=toy_losses(), **{argument: {"A": ["accuracy"]}})

    def test_loss_weights(self):
        model = mtkd.MultiTaskDistiller(toy_model(), {})
        with pytest.raises(ValueError, match=r"Pass `task_weights`"):
            model.compile("sgd", loss=toy_losses(), loss_weights={"a": 1.0, "b": 2.0})


def replaced(task, labels):
    x, y = toy_data()
    return x, {**y, task: labels}


class Listed(keras.utils.PyDataset):
    def __init__(self, batches):
        super().__init__()
        self.batches = batches

    def __len__(self):
        return len(self.batches)

    def __getitem__(self, index):
        return self.batches[index]


class TestData:
    @pytest.mark.parametrize(
        ("data", "message"),
        [
            (
                replaced("b", np.full((SAMPLES, 1), np.nan, "float32")),
                r"Task 'b': 48 labels are NaN.*sample_weight",
            ),
            (replaced("a", np.full(SAMPLES, 3)), r"Task 'a': the head has 3 classes.*label is 3"),
            (
                replaced("a", np.arange(SAMPLES) % 4 - 1),
                r"Task 'a': 12 class labels are negative, such as -1.*mask_missing",
            ),
            (replaced("a", np.full(SAMPLES, 0.5)), r"Task 'a': class labels must be whole"),
            (
                replaced("a", np.array(["x"] * SAMPLES)),
                r"Task 'a': labels must be numbers.*frame\['a'\]\.astype\('category'\)\.cat\.codes",
            ),
            (
                replaced("a", np.zeros((SAMPLES, 3), "int32")),
                r"Task 'a': class labels have shape \(48, 3\), the head gives \(None, 3\)"
                r".*`labels.argmax\(-1\)`.*`keras.losses.CategoricalCrossentropy`",
            ),
            (
                replaced("b", np.zeros((SAMPLES, 2), "float32")),
                r"Task 'b': labels have shape \(48, 2\), the head gives \(None, 1\)",
            ),
            (replaced("b", None), r"no labels for task 'b'.*sample_weight"),
            ((toy_data()[0], toy_data()[0]), r"Labels must be a dict"),
            ((np.zeros((0, 6)), {"a": np.zeros(0), "b": np.zeros((0, 1))}), r"Task 'a'.*empty"),
        ],
    )
    def test_arrays(self, model, data, message):
        with pytest.raises(ValueError, match=message):
            model.fit(*data, verbose=0)

    def test_a_nan_anywhere_in_arrays_is_found(self, model):
        x, y = toy_data()
        y["b"][-1] = np.nan
        with pytest.raises(ValueError, match=r"Task 'b': 1 labels are NaN"):
            model.fit(x, y, batch_size=4, verbose=0)

    def test_data_sets(self, model):
        x, y = toy_data()
        with pytest.raises(ValueError, match=r"no labels for task 'b'"):
            model.fit(mtkd.datasets.ArrayDataset(x, {"a": y["a"]}), verbose=0)
        with pytest.raises(ValueError, match=r"data set is empty"):
            model.fit(mtkd.datasets.ArrayDataset(x[:0], {k: v[:0] for k, v in y.items()}))

    def test_single_samples(self, model):
        x, y = toy_data()
        one = x[0], {task: labels[0] for task, labels in y.items()}
        with pytest.raises(ValueError, match=r"In the first batch: .*single samples.*batch\(32\)"):
            model.fit(Listed([one]), verbose=0)
        with pytest.raises(ValueError, match=r"Task 'a': the labels are one number.*batch\(32\)"):
            check_batch(model.student, toy_losses(), one[1])

    def test_counts_are_of_a_batch(self, model):
        x, y = toy_data()
        y["b"][4:] = np.nan
        data = mtkd.datasets.ArrayDataset(x, y, batch_size=5)
        with pytest.raises(ValueError, match=r"^In the first batch: Task 'b': 1 labels are NaN"):
            check_data(model.student, toy_losses(), data)
        y["b"][4] = 0
        data = mtkd.datasets.ArrayDataset(x, y, batch_size=5)
        with pytest.raises(ValueError, match=r"^In batch 2: Task 'b': 5 labels are NaN"):
            check_data(model.student, toy_losses(), data, batches=None)
        with pytest.raises(ValueError, match=r"^Task 'b': 43 labels are NaN"):
            check_data(model.student, toy_losses(), (x, y))

    def test_functions_that_were_not_called(self, model):
        with pytest.raises(TypeError, match=r"function, `<lambda>`.*Call it"):
            model.fit(lambda: iter(()), verbose=0)
        with pytest.raises(TypeError, match=r"In the validation data: .*function, `<lambda>`"):
            model.fit(*toy_data(), validation_data=lambda: iter(()), verbose=0)

    def test_lists_of_batches(self, model):
        with pytest.raises(TypeError, match="list of batches"):
            model.fit([toy_data()], verbose=0)
        with pytest.raises(TypeError, match="In the validation data: .*tuple of batches"):
            model.fit(*toy_data(), validation_data=(toy_data(),) * 2, verbose=0)

    def test_generators_that_the_first_epoch_uses_up(self, model):
        with pytest.raises(ValueError, match=r"first of 2 epochs uses up"):
            model.fit((batch for batch in [toy_data()]), epochs=2, verbose=0)
        validation = (batch for batch in [toy_data()])
        with pytest.raises(ValueError, match=r"first of 2 validations uses up"):
            model.fit(*toy_data(), validation_data=validation, epochs=2, verbose=0)

    def test_generators_are_not_used_up(self, model):
        x, y = toy_data()
        batches = ((x[i : i + 16], {k: v[i : i + 16] for k, v in y.items()}) for i in (0, 16, 32))
        history = model.fit(batches, steps_per_epoch=3, shuffle=False, verbose=0)
        assert len(history.history["loss"]) == 1

    def test_an_ignored_class_may_lie_outside(self):
        model = mtkd.MultiTaskDistiller(toy_model(), {})
        ignoring = keras.losses.SparseCategoricalCrossentropy(from_logits=True, ignore_class=255)
        model.compile("sgd", loss={**toy_losses(), "a": ignoring})
        x, y = toy_data()
        y["a"][:10] = 255
        assert np.isfinite(model.fit(x, y, verbose=0).history["a_loss"]).all()

    def test_negative_classes_may_have_weights_or_be_ignored(self):
        model, scce = toy_model(("a",)), keras.losses.SparseCategoricalCrossentropy
        labels, weights = {"a": np.array([0, -1])}, {"a": np.array([1.0, 0.0])}
        for loss, given in ((scce(), weights), (scce(ignore_class=-1), None)):
            arrays = np.zeros((2, 6)), labels, given
            check_data(model, {"a": loss}, arrays)
            check_data(model, {"a": loss}, mtkd.datasets.ArrayDataset(*arrays))

    def test_answers_of_minus_one_have_to_weigh_nothing(self):
        """Else a cross-entropy has no lower bound, and `mask_missing` can not know of real ones."""
        model, loss = toy_model(("b",)), {"b": losses.get("binary_crossentropy")}
        x, answers = np.zeros((2, 6)), {"b": np.array([[1.0], [-1.0]])}
        for weights in (None, {"b": np.ones(2)}):
            with pytest.raises(ValueError, match=r"Task 'b': 1 labels are values such as -1\.0"):
                check_data(model, loss, (x, answers, weights))
        check_data(model, loss, (x, answers, {"b": np.array([1.0, 0.0])}))

    def test_class_weight(self, model):
        with pytest.raises(ValueError, match=r"`class_weight`.*`sample_weight`"):
            model.fit(*toy_data(), class_weight={0: 1.0})

    def test_labels_of_one_column_fit_flat_predictions(self, model):
        x, y = toy_data()
        y = {"a": y["a"][:, None], "b": y["b"][:, 0]}
        assert model.fit(x, y, verbose=0).history["loss"][0] > 0

    def test_nothing_is_trained_when_data_is_refused(self, model):
        before = [np.array(w) for w in model.student.weights]
        with pytest.raises(ValueError, match="NaN"):
            model.fit(*replaced("b", np.full((SAMPLES, 1), np.nan)), verbose=0)
        assert all(np.array_equal(a, b) for a, b in zip(before, model.student.weights, strict=True))
