# make demo | v2x-demo | looks-demo | test | lint | bench | gallery | chaos | site: each sets up what it needs in .venv first. No root, no Debian package.
SHELL := /bin/bash
PYTHON ?= $(shell for p in python3.12 python3.11 python3; do \
	$$p -c 'import sys; sys.exit(sys.version_info[:2] not in ((3, 11), (3, 12)))' 2>/dev/null && echo $$p && break; done)
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
TOWNS := .cache/towns
export RAY_USAGE_STATS_ENABLED := 0

.PHONY: help demo v2x-demo looks-demo test stress lint bench gallery chaos mutations verdicts acceptance site setup clean

help:
	@echo 'make demo   two short scenes, a nuScenes data set of them, a report: runs/demo'
	@echo 'make v2x-demo  vehicles, poles and the cloud at a junction, in five cooperative forms: runs/v2x-demo'
	@echo 'make looks-demo  the looks stage over a diffusion pipeline of random weights, each claim checked'
	@echo 'make test   the tests'
	@echo 'make stress  the tests that kill, starve and cut off whole jobs: some 12 minutes'
	@echo 'make lint   ruff, mypy, import-linter'
	@echo 'make bench  the benchmarks: a table, and benchmarks/latest.json'
	@echo 'make gallery  pictures of all that can be drawn, with their labels: runs/gallery'
	@echo 'make chaos  a job whose processes are killed 50 times, beside one that is left alone'
	@echo 'make mutations  ten errors planted in every exporter, and who finds them'
	@echo 'make verdicts  500 known edits of our own frames, and how many the judges of looks find: runs/verdicts'
	@echo 'make acceptance CHECKS=... ENVIRONMENTS=...  four weathers in all formats, judged by their consumers'
	@echo 'make site   the pages for the browser, without network: runs/site'
	@echo 'make setup  .venv alone'

setup: $(READY)

$(READY): pyproject.toml requirements/constraints.txt requirements/osmesa.txt
	@test -n "$(PYTHON)" || { echo 'Python 3.11 or 3.12 is wanted; name it: make PYTHON=/path/to/python3.12'; exit 2; }
	@$(PYTHON) -m venv $(VENV) >/dev/null 2>&1 \
		|| { rm -rf $(VENV) && $(PYTHON) -m venv --without-pip $(VENV) \
		&& $(PYTHON) -m pip --python $(BIN)/python install -q pip; } \
		|| { echo "$(PYTHON) has neither venv nor pip; install python3-venv or python3-pip"; exit 2; }
	$(BIN)/python -m pip install -q --disable-pip-version-check -c requirements/constraints.txt -e '.[dev]'
	$(BIN)/python -m pip install -q --disable-pip-version-check --no-deps --require-hashes -r requirements/osmesa.txt
	@# Where PYTHONDONTWRITEBYTECODE is set, as it is in many containers, each process would compile all of it.
	$(BIN)/python -m compileall -q src generators exporters
	@echo 'one small scene, to see that it works here and to compile what is compiled on first use'
	@rm -rf .cache/try && $(BIN)/drivegen generate experiment=tiny job.runs_dir=.cache/try && rm -rf .cache/try
	@touch $@

$(TOWNS)/.ready: requirements/towns.txt | $(READY)
	@mkdir -p $(TOWNS)
	-$(BIN)/python -m pip download -q --disable-pip-version-check --no-deps --require-hashes -d $(TOWNS) -r requirements/towns.txt \
		&& $(BIN)/python -m zipfile -e $(TOWNS)/py123d-*.whl $(TOWNS) && touch $@

demo: $(READY)
	$(BIN)/drivegen generate experiment=demo

V2X_FORMATS := dair_v2x v2x_seq opv2v v2x_sim v2x_messages

v2x-demo: $(READY)
	$(BIN)/drivegen generate experiment=v2x_demo job.name=v2x-demo
	for format in $(V2X_FORMATS); do $(BIN)/drivegen export runs/v2x-demo format=$$format || exit 1; done

test: $(READY) $(TOWNS)/.ready
	DRIVEGEN_TOWNS=$(abspath $(TOWNS))/py123d/parser/opendrive/carla_maps $(BIN)/python -m pytest

stress: $(READY)
	$(BIN)/python -m pytest -m stress --numprocesses=1 -o timeout=600 -o faulthandler_timeout=900

lint: $(READY)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

bench: $(READY)
	$(BIN)/python -m benchmarks

gallery: $(READY)
	$(BIN)/python -m docs.gallery

site: $(VENV)/.docs-ready
	NO_MKDOCS_2_WARNING=1 $(BIN)/python -m mkdocs build --strict --quiet -f docs/site/mkdocs.yml
	@echo runs/site/index.html

$(VENV)/.docs-ready: $(READY)
	$(BIN)/python -m pip install -q --disable-pip-version-check -c requirements/constraints.txt -e ".[docs]"
	@touch $@

looks-demo: $(VENV)/.diffusion-ready
	$(BIN)/python -m tests.looks_demo

# Its own stamp: torch and diffusers are 1.4 GB. DRIVEGEN_TORCH_INDEX names a package index with another build of torch.
$(VENV)/.diffusion-ready: $(READY)
	$(BIN)/python -m pip install -q --disable-pip-version-check -c requirements/constraints.txt \
		$(if $(DRIVEGEN_TORCH_INDEX),--extra-index-url $(DRIVEGEN_TORCH_INDEX)) -e '.[diffusion]'
	@touch $@

chaos: $(READY)
	$(BIN)/python -m tests.chaos

mutations: $(READY)
	$(BIN)/python -m tests.mutations

verdicts: $(READY)
	$(BIN)/python -m benchmarks.verdicts runs/verdicts

acceptance: $(READY)
	$(BIN)/python -m tests.acceptance --checks "$(CHECKS)" --environments "$(ENVIRONMENTS)"

clean:
	rm -rf $(VENV) .cache .mypy_cache .ruff_cache .pytest_cache
