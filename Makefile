# Needs Python 3.11+, git and make; `images` and `e2e` also podman or docker, `hydrate` kubectl, `lock` uv.
PYTHON   ?= python3
LOCKED   := .venv/.locked
PARALLEL := -n auto
CORES    := $(shell nproc 2>/dev/null || echo 2)
TIDY     := $(if $(filter output-sync,$(.FEATURES)),--output-sync)
CHECKS   := check-lint check-sdk check-functions check-others check-editor
INSTALL  := .venv/bin/python -m pip install --quiet --disable-pip-version-check
RESOLVE  := uv pip compile -q -U --universal --python-version 3.11 --generate-hashes --no-header --no-emit-index-url

.DELETE_ON_ERROR:
.PHONY: help render test quick judge kill check fix matrix golden tables images e2e bench hydrate dist release audit base site lock clean $(CHECKS)

help: ## list these targets
	@awk -F ':.*## ' '/^[a-z0-9]+:.*## / {printf "%-8s  %s\n", $$1, $$2}' $(MAKEFILE_LIST)

render: $(LOCKED) ## render packages/ in place
	.venv/bin/krmfn render packages

test: $(LOCKED) ## run every test that needs no container engine and no cluster
	@echo "All tests that need no container engine and no cluster, on all cores: about five and a half minutes on two. \`make quick\` takes one."
	.venv/bin/pytest $(PARALLEL) -m "not container and not judge"

quick: $(LOCKED) ## run the tests that need no kpt, kubectl, container or copy of the repository, and search for nothing
	.venv/bin/pytest $(PARALLEL) -m "not container and not judge and not kpt and not copy and not search"

judge: $(LOCKED) ## ask a real API server, its controllers, pickers and Envoy, built once into build/judge or JUDGE_CACHE
	.venv/bin/python -m tests.judge.components
	.venv/bin/pytest -m judge tests/judge

kill: $(LOCKED) ## kill 100 renders of 2,000 files, and 100 hydrations, at random moments, and look at what the next command leaves
	KILLS=100 KILL_FILES=2000 .venv/bin/pytest -q -s sdk/tests/files/test_kill.py sdk/tests/kpt/test_killed_hydration.py

check: $(LOCKED) ## lint, format and types, changing nothing
	@$(MAKE) --no-print-directory --jobs=$(CORES) $(TIDY) --keep-going $(CHECKS)

check-lint:
	.venv/bin/ruff check
	.venv/bin/ruff format --check

check-sdk check-functions: check-%:
	.venv/bin/mypy --cache-dir .mypy_cache/$* $*

check-others:
	.venv/bin/mypy --cache-dir .mypy_cache/others conftest.py tests images docs benchmarks release site

check-editor:
	.venv/bin/basedpyright

fix: $(LOCKED) ## repair what ruff can repair
	.venv/bin/ruff check --fix
	.venv/bin/ruff format

matrix: ## test the SDK with the lowest and the newest dependencies, on each Python 3.11 to 3.14 that is here
	sdk/matrix

golden: $(LOCKED) ## write what the functions answer today into their examples, those of the rules and tests/golden
	UPDATE_GOLDEN=1 .venv/bin/pytest -q tests/test_golden.py tests/test_platforms.py tests/test_accelerators.py tests/test_multinode.py functions/tests/validate_inference/test_rule_examples.py
	.venv/bin/krmfn test --update functions/krm_inference

tables: $(LOCKED) ## write the tables of fields: of custom kinds from CRDs in KRM_SHARED or ../shared, of others from PyPI
	$(INSTALL) --no-deps --upgrade --target build/schemas --require-hashes -r functions/built_in_tables.lock
	PYTHONPATH=build/schemas .venv/bin/python functions/built_in_tables.py
	.venv/bin/python functions/crd_tables.py

images: $(LOCKED) ## build one image per function, over the Dockerfile's base or BASE_IMAGE=…
	.venv/bin/python images/build.py

e2e: images ## run the tests that need a container engine
	.venv/bin/pytest -m container

bench: $(LOCKED) ## measure speed against PyYAML, ruamel.yaml, Go and kpt, and the images where an engine answers
	$(INSTALL) --upgrade --require-hashes --target build/ruamel -r benchmarks/requirements.lock
	.venv/bin/python benchmarks/compare.py
	@if podman info >/dev/null 2>&1 || docker info >/dev/null 2>&1; then .venv/bin/python images/build.py && .venv/bin/python images/bench.py; fi

hydrate: $(LOCKED) ## build all overlays into clusters/<environment>/, validated
	.venv/bin/krmfn hydrate

dist: build/release/.locked ## build the wheels of both distributions into dist/, the same bytes each time, and check them for an index
	rm -rf dist
	.venv/bin/python release/dist.py dist
	PYTHONPATH=build/release .venv/bin/python -m twine check --strict dist/*.whl

release: $(LOCKED) ## check that each place names one version, then build what a release has: wheels, archive, bill of materials, digests
	.venv/bin/python release/version.py
	$(MAKE) --no-print-directory dist
	PYTHONPATH=build/release .venv/bin/python release/archive.py dist
	PYTHONPATH=build/release .venv/bin/python release/sbom.py dist
	cd dist && sha256sum -- * > SHA256SUMS

audit: build/release/.locked ## ask the index for known vulnerabilities of what is locked, and say where it gave no answer
	PYTHONPATH=build/release .venv/bin/python release/audit.py || test $$? -eq 3

base: ## write the digest that the Dockerfile's tag has by now
	$(PYTHON) release/base.py

site: build/site-tools/.locked ## build the site into build/site, each link checked
	PYTHONPATH=build/site-tools .venv/bin/python site/site_pages.py build/site

lock: ## resolve requirements*.in anew, for every Python and platform at once
	$(RESOLVE) -o requirements.lock requirements.in
	$(RESOLVE) -o requirements-dev.lock requirements-dev.in
	$(RESOLVE) -o benchmarks/requirements.lock benchmarks/requirements.in
	$(RESOLVE) -o release/requirements.lock release/requirements.in
	$(RESOLVE) -o site/requirements.lock site/requirements.in

clean: ## remove what make has built
	rm -rf .venv build dist .pytest_cache .mypy_cache .ruff_cache .hypothesis sdk/.hypothesis sdk/*.egg-info functions/*.egg-info

build/release/.locked: release/requirements.lock $(LOCKED)
	rm -rf $(@D)
	$(INSTALL) --require-hashes --target $(@D) -r $<
	@touch $@

build/site-tools/.locked: site/requirements.lock $(LOCKED)
	rm -rf $(@D)
	$(INSTALL) --require-hashes --target $(@D) -r $<
	@touch $@

$(LOCKED): requirements-dev.lock sdk/pyproject.toml functions/pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "needs Python 3.11+: make PYTHON=…")'
	$(PYTHON) -m venv --clear .venv
	$(INSTALL) --require-hashes --only-binary=:all: -r requirements-dev.lock
	$(INSTALL) --no-deps --no-build-isolation -e sdk -e functions
	@touch $@
