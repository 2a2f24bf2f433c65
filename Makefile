# One command each. `make` alone lists them; everything installed goes to .venv/ and node_modules/.

PYTHON ?= python3
PORT ?= 8000
VENV := .venv
BIN := $(VENV)/bin
UV_VERSION := 0.13.8
TORCH_VERSION := 2.13.0

# torch's CPU and CUDA builds bear one version, so requirements.lock cannot tell them apart. Taken, first
# that applies: CUDA=1 the registry's build · TORCH_INDEX=… an index of CPU wheels · a CPU wheel in the
# find-links folder of pip's configuration · uv's own knowledge of where PyTorch keeps its CPU wheels.
FIND_LINKS = $(or $(PIP_FIND_LINKS),$(shell $(PYTHON) -m pip config get global.find-links 2>/dev/null))
CPU_WHEEL = $(wildcard $(addsuffix /torch-$(TORCH_VERSION)+cpu*,$(FIND_LINKS)))
TORCH_BUILD := $(if $(CUDA),cuda,cpu)
TORCH_PLACE = $(if $(TORCH_INDEX),--extra-index-url $(TORCH_INDEX),$(if $(CPU_WHEEL),--find-links $(FIND_LINKS)))
TORCH_FROM = $(if $(CUDA),,$(or $(TORCH_PLACE),--torch-backend cpu))
INSTALL = $(BIN)/uv pip install --quiet --python $(BIN)/python
PIP_INSTALL = $(BIN)/python -m pip install --quiet

export OMP_NUM_THREADS ?= 1

.DEFAULT_GOAL := help
.PHONY: help setup demo serve test lint lock messages benchmarks clean

help: ## this list
	@sed -nE 's/^([a-z]+):.*## (.*)/  make \1\t\2/p' Makefile | expand -t 20

setup: $(VENV)/packages.stamp node_modules/stamp $(VENV)/translations.stamp ## install what Tessera needs (CUDA=1, TORCH_INDEX=…)

demo: setup ## demo project in the browser (PORT=8000, IMAGES=folder); CHECK=1 walks it and ends
ifdef CHECK
	@$(BIN)/python -m annotation_server.demo.check
else
	@TESSERA_DEMO=1 $(BIN)/python manage.py demo --port $(PORT) $(if $(IMAGES),--images "$(IMAGES)")
endif

serve: setup ## web process, workers, clock and broker of your own installation (PORT=8000)
	@$(BIN)/python manage.py serve --port $(PORT)

test: setup ## every check: style, types, layout, JavaScript, Python on SQLite and PostgreSQL, browser
	@$(BIN)/python -m tests.every_check

lint: setup ## the quick half of it: style, types, import contract
	@$(BIN)/python -m tests.every_check --quick

lock: $(VENV)/uv.stamp ## resolve pyproject.toml into requirements.lock again
	$(BIN)/uv pip compile pyproject.toml --extra dev --no-emit-package torch --generate-hashes \
		--no-header --no-annotate --quiet --output-file requirements.lock

messages: setup ## put new sentences into the catalogues of translations (NEW=fr begins a language)
	@TESSERA_DEMO=1 $(BIN)/python manage.py messages $(if $(NEW),--new $(NEW))

benchmarks: setup ## measure and rewrite docs/benchmarks.md (quiet machine, about half an hour)
	@$(BIN)/python -m benchmarks.run

clean: ## remove what was installed and the demo's data
	rm -rf $(VENV) node_modules frontend_static/vendor var

$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "Tessera needs Python 3.11 or newer: make PYTHON=python3.11 …"; exit 1; }
	$(PYTHON) -m venv $(VENV)

$(VENV)/uv.stamp: | $(BIN)/python
	@$(PIP_INSTALL) uv==$(UV_VERSION) || echo "uv is not to be had here; pip will do, slower."
	@touch $@

$(VENV)/torch-$(TORCH_BUILD).stamp: $(VENV)/uv.stamp
	@rm -f $(VENV)/torch-*.stamp
	$(INSTALL) $(TORCH_FROM) torch==$(TORCH_VERSION) || { \
		echo "uv could not install torch. pip tries; without TORCH_INDEX it takes the registry's build, on Linux CUDA's (3 GB)."; \
		$(PIP_INSTALL) $(TORCH_PLACE) torch==$(TORCH_VERSION); }
	@touch $@

$(VENV)/packages.stamp: requirements.lock $(VENV)/torch-$(TORCH_BUILD).stamp
	$(INSTALL) --require-hashes -r requirements.lock || \
		$(PIP_INSTALL) --require-hashes --no-deps -r requirements.lock
	@touch $@

$(VENV)/translations.stamp: $(VENV)/packages.stamp $(wildcard annotation_server/locale/*/LC_MESSAGES/*.po)
	@test ! -d annotation_server || $(BIN)/python -m annotation_server.translations.compile
	@touch $@

node_modules/stamp: package.json package-lock.json
	@command -v npm >/dev/null || { echo "Tessera's browser side needs Node.js 20 or newer (npm)."; exit 1; }
	npm ci --silent
	@touch $@
