"""The house is as its picture and its rules say."""

import importlib
import importlib.util
import inspect
import re

import documents
import pytest

from keras_mtkd.balancing.registry import METHODS

PACKAGE = documents.ROOT / "keras_mtkd"
TESTS = documents.ROOT / "tests"
# A module `keras_mtkd.room._module`, or a name `_name` out of a room.
_PRIVATE = re.compile(
    r"^\s*(?:from|import) keras_mtkd\.(\w+)(?:\.\w+)*(?:\._\w+| import (?:.*, )?_(?!_)\w+).*$",
    re.MULTILINE,
)


@pytest.fixture(scope="module")
def draw_house():
    path = documents.ROOT / "benchmarks" / "draw_house.py"
    spec = importlib.util.spec_from_file_location("draw_house", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.extra("grimp")
def test_the_picture_is_up_to_date(draw_house):
    assert draw_house.PICTURE.read_text("utf-8") == draw_house.picture()


@pytest.mark.extra("grimp")
def test_the_root_holds_nothing_else(draw_house):
    files = {path.stem for path in PACKAGE.glob("*.py")} - {"__init__"}
    rooms = {path.parent.name for path in PACKAGE.glob("*/__init__.py")}
    assert files | rooms == {room for floor in draw_house.floors() for room in floor}
    assert files == {"__main__", "problem", "task"}


def test_no_room_uses_what_is_private_in_another():
    used = {
        f"{path.relative_to(PACKAGE)}: {found.group(0).strip()}"
        for path in PACKAGE.rglob("*.py")
        for found in _PRIVATE.finditer(path.read_text("utf-8"))
        if found.group(1) != path.relative_to(PACKAGE).parts[0]
    }
    assert used == set()


# Modules without a test file of their own, and why. Of some there is nothing to test:
EXCEPTIONS = {
    "_backend/types.py": "names of types, which the type checker reads",
    "_backend/version.py": "one constant",
}
# The others are tested with their family, by a contract. A new module has its own file.
FAMILIES = {
    "balancing/test_method_contract.py": (
        "balancing/aggregation/cagrad.py",
        "balancing/aggregation/imgrad.py",
        "balancing/aggregation/imtl_g.py",
        "balancing/aggregation/sum.py",
        "balancing/aggregation/upgrad.py",
    ),
    "balancing/test_weighting_contract.py": (
        "balancing/loss_weighting/base.py",
        "balancing/loss_weighting/equal.py",
        "balancing/loss_weighting/imtl_l.py",
    ),
    "experiments/report/test_page.py": (
        "experiments/report/changes.py",
        "experiments/report/curves.py",
        "experiments/report/facts.py",
        "experiments/report/scheduling.py",
        "experiments/report/scores.py",
    ),
    "losses/test_contract.py": (
        "losses/binary_logit_kl.py",
        "losses/cka_loss.py",
        "losses/function_loss.py",
        "losses/log_sum_distance.py",
        "losses/logit_kl.py",
        "losses/normal_cosine.py",
        "losses/relational_distance.py",
    ),
}
# The classes and functions that a contract runs over, by the registry that it goes through.
RUNS_OVER = {
    "balancing/test_method_contract.py": lambda tests: [METHODS[name] for name in tests.METHODS],
    "balancing/test_weighting_contract.py": lambda tests: map(type, tests.METHODS.values()),
    "experiments/report/test_page.py": lambda tests: tests.page_module._SECTIONS,
    "losses/test_contract.py": lambda tests: [case.kind for case in tests.CASES],
}
# Temporary: modules whose tests are being written elsewhere. To be deleted when those are here.
PENDING = {
    "callbacks/_snapshot.py",
    "callbacks/backup_and_restore.py",
    "distillation/_correction.py",
    "distillation/_endings.py",
    "distillation/_own_distance.py",
    "distillation/keras_loss.py",
    "distillation/training_step.py",
    "distillers/balancing/balancer.py",
    "distillers/balancing/make.py",
    "distillers/balancing/representation.py",
    "distillers/balancing/rotated_heads.py",
    "distillers/balancing/weighted_losses.py",
    "distillers/data_order/_tf_data.py",
    "distillers/data_order/batches.py",
    "distillers/epoch_hooks.py",
    "distillers/frozen_teachers.py",
    "distillers/given.py",
    "distillers/loss_trackers.py",
    "distillers/online/optimizers.py",
    "distillers/online/wiring.py",
    "distillers/optimizers.py",
    "distillers/saved_seeds.py",
    "distillers/saved_teachers.py",
    "distillers/scores.py",
    "distillers/terms.py",
    "distillers/weight_vectors.py",
    "distillers/wiring.py",
    "layers/gradient_aggregator.py",
    "layers/gradient_balancer.py",
    "layers/loss_weights.py",
    "layers/method_memory.py",
    "layers/mixing.py",
    "layers/parameter_aggregator.py",
    "layers/rotating_balancer.py",
    "models/_blocks.py",
    "models/cross_stitch.py",
    "models/experts.py",
    "models/hard_sharing.py",
    "models/mtan.py",
    "plots/_axes.py",
    "teachers/_content_before.py",
    "teachers/_tf_data.py",
    "teachers/cached_dataset.py",
    "teachers/fingerprint_before.py",
    "tuning/global_settings.py",
    "tuning/objective.py",
    "tuning/rounds.py",
    "tuning/traced_gradients.py",
}


def file_for(module):
    """`_room/_idea.py` is tested by `tests/room/test_idea.py`, `__main__.py` by `test_main.py`."""
    *rooms, name = module.removesuffix(".py").split("/")
    return TESTS.joinpath(*(room.strip("_") for room in rooms), f"test_{name.strip('_')}.py")


def modules_without_a_file():
    files = [path for path in PACKAGE.rglob("*.py") if path.name != "__init__.py"]
    names = {path.relative_to(PACKAGE).as_posix() for path in files}
    assert len(names) > 250
    return {name for name in names if not file_for(name).exists()}


def test_every_module_has_a_test_file_or_is_tested_with_its_family():
    elsewhere = {module for family in FAMILIES.values() for module in family}
    missing = modules_without_a_file()
    assert missing - elsewhere - EXCEPTIONS.keys() - PENDING == set()
    # Nor is a module listed that has a file, or is no longer there.
    assert elsewhere | EXCEPTIONS.keys() <= missing


@pytest.mark.parametrize("contract", FAMILIES)
def test_a_contract_runs_over_its_family(contract):
    assert (TESTS / contract).exists()
    tests = importlib.import_module(contract.removesuffix(".py").replace("/", "."))
    made_in = {
        base.__module__
        for thing in RUNS_OVER[contract](tests)
        for base in (inspect.getmro(thing) if inspect.isclass(thing) else [thing])
    }
    family = {
        f"keras_mtkd.{module.removesuffix('.py').replace('/', '.')}"
        for module in FAMILIES[contract]
    }
    assert family <= made_in
