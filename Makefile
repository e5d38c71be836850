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

test: lint test-tensorflow test-jax

test-tensorflow: $(VENV)/.test
	KERAS_BACKEND=tensorflow $(BIN)/python -m pytest -n 2 --dist loadfile -q

test-jax: $(VENV)/.test
	KERAS_BACKEND=jax $(BIN)/python -m pytest -n 2 --dist loadfile -q

# All of them, or those of some folders: make test-slow SLOW=tests/distribution
SLOW ?= tests
test-slow: $(VENV)/.test
	KERAS_BACKEND=tensorflow $(BIN)/python -m pytest -n 2 --dist loadfile -q -m slow $(SLOW)
	KERAS_BACKEND=jax $(BIN)/python -m pytest -n 2 --dist loadfile -q -m slow $(SLOW)

tutorials: $(VENV)/.test
	$(BIN)/python -m pytest -q -n 2 --nbmake --nbmake-timeout=600 tutorials

docs: $(VENV)/.test
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

$(VENV)/.test: $(VENV)/.demo setup.py
	$(BIN)/python -m pip install -q -e '.[cli,jax,tuner,export,tutorials,docs,test,lint]'
	touch $@

clean:
	rm -rf $(VENV) runs build dist *.egg-info .pytest_cache .mypy_cache .ruff_cache
