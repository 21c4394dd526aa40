# Everything runs in .venv, which is made from the lock file; nothing else is needed
# on the machine than Python >= 3.11 with venv, git and make.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready

# what is compiled once is not compiled by each of the hundreds of processes that tests start
unexport PYTHONDONTWRITEBYTECODE

.PHONY: report lab test compiled check lint docs bench validate dist matrix audit screenshots pictures clients lock \
        clean help

help: ## show the targets
	@grep -hE '^[a-z]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 12

$(READY): requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit("techalign needs Python 3.11 or newer; set PYTHON=" if sys.version_info < (3, 11) else 0)'
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@# first what installs the rest: the pip that venv brings may be years old
	@sed -nE '/^(pip|setuptools)==/,/^    # via/p' requirements.lock | \
	  $(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r /dev/stdin
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@touch $@

report: $(READY) ## make the sample clients' reports
	@$(BIN)/techalign run --reviews 2 --clients-dir datasets/clients

docs: $(READY) ## build the documentation into site/, its warnings being errors
	@NO_MKDOCS_2_WARNING=1 $(BIN)/python -m mkdocs build --strict --quiet
	@echo site/index.html

CLIENT ?= machine-shop

lab: $(READY) ## open JupyterLab on a client's notebooks (CLIENT=...)
	@$(BIN)/techalign lab $(CLIENT)

test: $(READY) ## lint, check types and run every test
	@$(MAKE) --no-print-directory -j 2 lint compiled
	@# three on two cores: some of it waits for what was started or stopped
	@$(BIN)/python -m pytest -n 3 --dist worksteal -m "not browser"
	@# apart, because the browser's driver keeps an event loop running in its process
	@$(BIN)/python -m pytest -n 3 -m browser tests/browser

# Rewrites and compiles the tests once, instead of once in each worker.
compiled: $(READY)
	@said=$$($(BIN)/python -m pytest -qq --collect-only) || { echo "$$said"; exit 1; }

CHECKED := $(wildcard $(addprefix tests/,numbers survival losses spending vendors partners \
	  ecosystem alignment intake client test_floors.py test_environment.py))

check: $(READY) lint ## for every day: lint, types, models, tables, doctests, one report
	@$(BIN)/python -m pytest -q -n auto --dist worksteal -m "not slow" $(CHECKED) techalign
	@out=$$(mktemp -d) && $(BIN)/techalign run machine-shop --notebook vendor_risk --out $$out \
	  && rm -r $$out

lint: $(READY) ## lint, formats, types, and notebooks without outputs
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/nbstripout --verify notebooks/*.ipynb techalign/cli/starter.ipynb

$(VENV)/.peers: $(READY) requirements-bench.lock
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-bench.lock
	@touch $@

bench: $(VENV)/.peers ## measure speed against named peers, in one run
	@$(BIN)/python tests/benchmarks/run.py

validate: $(READY) ## score the models on real data beside their baselines
	@$(BIN)/python tests/validation/run.py

dist: $(READY) ## build the wheel and the source distribution into dist/
	@rm -rf dist
	@$(BIN)/python -m hatchling build -d dist

matrix: dist ## install what was built on each Python, newest and oldest versions (takes minutes)
	@$(BIN)/python tests/packaging/matrix.py dist/*.whl dist/*.tar.gz

audit: ## ask the database of advisories about every pinned version
	@$(PYTHON) .ci/audit.py requirements.lock requirements-bench.lock

screenshots: $(READY) ## pictures of the pages in reports/, at three widths and in print
	@$(BIN)/python tests/browser/screenshots.py screenshots

pictures: report ## take the two pictures of README and documentation again
	@$(BIN)/python tests/browser/screenshots.py --for-docs

clients: $(READY) ## write the sample clients again
	@$(BIN)/python datasets/make_clients.py

lock: ## pin every dependency again (needs uv)
	uv pip compile --universal --python-version 3.11 --group dev --group docs pyproject.toml \
	  --output-file requirements.lock --generate-hashes --custom-compile-command "make lock"
	uv pip compile --universal --python-version 3.11 --group bench pyproject.toml \
	  --constraint requirements.lock --output-file requirements-bench.lock --generate-hashes \
	  --custom-compile-command "make lock"

clean: ## remove what make has made
	rm -rf $(VENV) site dist reports/*/ reports/*.html reports/.pages
