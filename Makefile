# Two commands: `make demo` and `make test`. Both need git, make and Python 3.11 or newer only.
# The others: `make docs`, `make docs-next`, `make tutorials`, `make test-slow`, `make test-next`,
# `make bench`, `make results`.

PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
# TensorFlow for the machine at hand: the small CPU build where no GPU is seen.
TENSORFLOW ?= $(shell if nvidia-smi -L >/dev/null 2>&1; then echo 'tensorflow[and-cuda]'; \
	elif [ "$$(uname -s)" = Linux ] && [ "$$(uname -m)" = x86_64 ]; then echo tensorflow-cpu; \
	else echo tensorflow; fi)
export TF_CPP_MIN_LOG_LEVEL ?= 2
# What is imported is compiled then; all of it would take as long again as the installation.
INSTALL := python -m pip install -q --no-compile

.PHONY: demo test test-tensorflow test-jax test-slow test-next test-next-tensorflow test-next-jax \
	next packages-next tutorials docs docs-next lint catalogue bench results clean

# On JAX, which is installed in half the time, and on which small models are trained faster.
demo: $(VENV)/.demo
	KERAS_BACKEND=$${KERAS_BACKEND:-jax} $(BIN)/keras-mtkd demo

# Both workers have something to do until the end; the ten slowest tests are shown, and one that
# costs far more than CONTRIBUTING.md allows fails.
PYTEST := $(BIN)/python -m pytest -n 2 -q --durations=10

test: lint test-tensorflow test-jax

test-tensorflow: $(VENV)/.test
	KERAS_BACKEND=tensorflow $(PYTEST) --dist worksteal --budget 30

test-jax: $(VENV)/.test
	KERAS_BACKEND=jax $(PYTEST) --dist worksteal --budget 30

# The slow tests and those that `make test` skips for want of a package, all of them (what takes
# longest first, so that both workers end together) or those of some folders:
#   make test-slow SLOW=tests/distribution
SLOW ?= tests/distribution/test_workers.py tests/distribution tests/tuning/test_parallel.py tests
PYTEST_SLOW := $(PYTEST) --dist loadfile --no-loadscope-reorder --all-extras -m 'slow or extra'
test-slow: $(VENV)/.all
	KERAS_BACKEND=tensorflow $(PYTEST_SLOW) $(SLOW)
	KERAS_BACKEND=jax $(PYTEST_SLOW) $(SLOW)

# The next Keras: a short selection on nightly builds, in an environment of its own. Which builds is
# said here and in docs/keras.md, so that a failure is due to a change of this package and a run can
# be repeated. The newest ones, or all tests:
#   make test-next KERAS_NEXT=keras-nightly TENSORFLOW_NEXT=tf-nightly-cpu
#   make test-next TESTS_NEXT=tests
# The package index drops old nightlies in time. Then look for newer ones that pass.
VENV_NEXT ?= .venv-next
BIN_NEXT := $(VENV_NEXT)/bin
KERAS_NEXT ?= keras-nightly==3.16.0.dev2026102704
TENSORFLOW_NEXT ?= tf-nightly-cpu==2.22.0.dev20260905
JAX_NEXT ?= jax==0.10.2
# What `pyproject.toml` asks of the tests. It asks for Keras too, which a nightly build is not to pip:
# stable Keras would be put over it, since both own the folder `keras`.
PACKAGES_NEXT := rich typer pandas matplotlib scikit-learn scipy tensorboard pot hypothesis psutil \
	pytest pytest-xdist kt-legacy requests
# That it imports, the README, a distiller of each family, modes of layers, the order of the data,
# runs that go on, and what releases of Keras have written: files, caches, fingerprints.
TESTS_NEXT ?= tests/backend/test_private_names.py \
	tests/test_docs.py::test_readme_runs_with_fewer_epochs_and_less_data \
	tests/test_compiled.py tests/graph/test_modes.py tests/distillers/data_order/test_in_order.py \
	tests/distribution/test_resume.py tests/keras_releases
PYTEST_NEXT := $(BIN_NEXT)/python -m pytest -n 2 -q --dist worksteal

test-next: test-next-tensorflow test-next-jax

test-next-tensorflow: next
	KERAS_BACKEND=tensorflow $(PYTEST_NEXT) $(TESTS_NEXT)

test-next-jax: next
	KERAS_BACKEND=jax $(PYTEST_NEXT) $(TESTS_NEXT)

next: packages-next
	$(BIN_NEXT)/$(INSTALL) --no-deps keras-tuner -e .
	$(BIN_NEXT)/python -c 'import sys; from importlib.metadata import distributions as d; \
		sys.exit("keras" in {each.name for each in d()} and "Stable Keras lies over the nightly.")'

packages-next: $(VENV_NEXT)/.venv
	$(BIN_NEXT)/$(INSTALL) -U $(KERAS_NEXT) $(TENSORFLOW_NEXT) $(JAX_NEXT) $(PACKAGES_NEXT)

tutorials: $(VENV)/.all
	$(PYTEST) -n 3 --dist worksteal --nbmake --nbmake-timeout=600 tutorials

docs: $(VENV)/.all
	$(BIN)/python -m mkdocs build --strict

# The site by Zensical, which follows Material for MkDocs, into `site-next`. CONTRIBUTING.md says what
# works. A page links to notebooks, which are no pages there, so that warnings end nothing.
VENV_DOCS_NEXT ?= .venv-docs-next
ZENSICAL ?= zensical==0.0.73
docs-next: $(VENV_DOCS_NEXT)/.venv
	$(VENV_DOCS_NEXT)/bin/$(INSTALL) -U $(ZENSICAL) 'mkdocstrings[python]' ruff
	sed 's/^strict: true/strict: false/; s/^site_dir: site/site_dir: site-next/' mkdocs.yml > mkdocs-next.yml
	$(VENV_DOCS_NEXT)/bin/zensical build --clean -f mkdocs-next.yml

lint: $(VENV)/.test
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy keras_mtkd
	$(BIN)/lint-imports

# What `keras-mtkd methods` and `problems` show, after a method or problem came or changed.
catalogue: $(VENV)/.demo
	KERAS_BACKEND=jax $(BIN)/python -m keras_mtkd.command_line.write_catalogue

bench: $(VENV)/.test
	$(BIN)/python benchmarks/run.py

# The whole table of methods and data sets, then the page of it. What was interrupted goes on. Of
# files that are on this machine already, and of a part:
#   make results DATA=folder ONLY="digits census" WORKERS=4
# DATA/spoken-digits, DATA/census, DATA/energy, DATA/tox21 and DATA/mnist are looked for; what is not
# there is downloaded, or its data set left out. How long it takes is said first; only that:
#   make results HOURS=--hours
WORKERS ?= 2
COMPILED := runs/results/compiled
results: $(VENV)/.all
	KERAS_BACKEND=$${KERAS_BACKEND:-jax} JAX_COMPILATION_CACHE_DIR=$(COMPILED) \
		$(BIN)/python -m benchmarks.results --workers $(WORKERS) $(HOURS) \
		$(if $(DATA),--data $(DATA)) $(if $(ONLY),--only $(ONLY))
	$(if $(HOURS),,KERAS_BACKEND=$${KERAS_BACKEND:-jax} $(BIN)/python -m benchmarks.results.page)

$(VENV)/.venv $(VENV_NEXT)/.venv $(VENV_DOCS_NEXT)/.venv:
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or newer is needed")'
	$(PYTHON) -m venv $(@D)
	touch $@

$(VENV)/.demo: $(VENV)/.venv pyproject.toml
	$(BIN)/$(INSTALL) -e '.[cli,jax]'
	touch $@

$(VENV)/.test: $(VENV)/.venv pyproject.toml
	$(BIN)/$(INSTALL) $(TENSORFLOW) -e '.[cli,jax,tuner,test,lint]'
	touch $(VENV)/.demo $@

$(VENV)/.all: $(VENV)/.test pyproject.toml
	$(BIN)/$(INSTALL) -e '.[datasets,docs,export,molecules,tutorials,test-slow]'
	touch $@

clean:
	rm -rf $(VENV) $(VENV_NEXT) $(VENV_DOCS_NEXT) mkdocs-next.yml site site-next runs build dist *.egg-info .pytest_cache .mypy_cache .ruff_cache .import_linter_cache
