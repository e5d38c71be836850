# Two commands: `make demo` and `make test`. Both need git, make and Python 3.11 or newer only.
# The others: `make docs`, `make tutorials`, `make test-slow`, `make bench`.

PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
# TensorFlow for the machine at hand: the small CPU build where no GPU is seen.
TENSORFLOW ?= $(shell if nvidia-smi -L >/dev/null 2>&1; then echo 'tensorflow[and-cuda]'; \
	elif [ "$$(uname -s)" = Linux ] && [ "$$(uname -m)" = x86_64 ]; then echo tensorflow-cpu; \
	else echo tensorflow; fi)
export TF_CPP_MIN_LOG_LEVEL ?= 2

.PHONY: demo test test-tensorflow test-jax test-slow tutorials docs lint bench clean

demo: $(VENV)/.demo
	$(BIN)/keras-mtkd demo

# Both workers have something to do until the end; the ten slowest tests are shown, and one that
# costs far more than CONTRIBUTING.md allows fails.
PYTEST := $(BIN)/python -m pytest -n 2 -q --durations=10

test: lint test-tensorflow test-jax

test-tensorflow: $(VENV)/.test
	KERAS_BACKEND=tensorflow $(PYTEST) --dist worksteal --budget 15

test-jax: $(VENV)/.test
	KERAS_BACKEND=jax $(PYTEST) --dist worksteal --budget 15

# The slow tests and those that `make test` skips for want of a package, all of them or those of
# some folders: make test-slow SLOW=tests/distribution
SLOW ?= tests
PYTEST_SLOW := $(PYTEST) --dist loadfile --no-loadscope-reorder --all-extras -m 'slow or extra'
test-slow: $(VENV)/.all
	KERAS_BACKEND=tensorflow $(PYTEST_SLOW) $(SLOW)
	KERAS_BACKEND=jax $(PYTEST_SLOW) $(SLOW)

tutorials: $(VENV)/.all
	$(PYTEST) -n 3 --dist worksteal --nbmake --nbmake-timeout=600 tutorials

docs: $(VENV)/.all
	$(BIN)/python -m mkdocs build --strict

lint: $(VENV)/.test
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy keras_mtkd

bench: $(VENV)/.test
	$(BIN)/python benchmarks/run.py

$(VENV)/.venv:
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or newer is needed")'
	$(PYTHON) -m venv $(VENV)
	touch $@

$(VENV)/.demo: $(VENV)/.venv setup.py
	$(BIN)/python -m pip install -q $(TENSORFLOW) -e '.[cli]'
	touch $@

$(VENV)/.test: $(VENV)/.venv setup.py
	$(BIN)/python -m pip install -q $(TENSORFLOW) -e '.[cli,jax,tuner,test,lint]'
	touch $(VENV)/.demo $@

$(VENV)/.all: $(VENV)/.test setup.py
	$(BIN)/python -m pip install -q -e '.[datasets,docs,export,tutorials,test-slow]'
	touch $@

clean:
	rm -rf $(VENV) runs build dist *.egg-info .pytest_cache .mypy_cache .ruff_cache
