# `make run` and `make test` are all that a fresh machine needs; `make` alone lists the rest.
# Everything is installed into .venv. Another Python than the one found: make PYTHON=/path/to/python3.12 run

BIN := .venv/bin
DEMO := augstudio-demo

.PHONY: help run test test-interop quick lint bench bench-peers scale torture screenshot schema wheel clean machine machine-for-tests
.DELETE_ON_ERROR: # a half-made .venv is made anew

help: ## list these commands
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "make %-12s %s\n", $$1, $$2 }' Makefile

run: machine .venv/installed ## open the studio on a sample dataset; without a display, tour it off screen
	@set -e; \
	if [ -n "$$DISPLAY$$WAYLAND_DISPLAY" ] || [ "$$(uname -s)" = Darwin ]; then \
		if [ ! -d $(DEMO)/sample ]; then $(BIN)/augstudio sample $(DEMO)/sample; fi; \
		$(BIN)/augstudio open $(DEMO)/sample; \
	else \
		echo "There is no display here: the tour runs off screen and leaves its pictures in $(DEMO)."; \
		$(BIN)/augstudio demo --out $(DEMO); \
	fi

test: machine-for-tests lint ## check style and types, then run every test
	$(BIN)/python -m pytest --numprocesses auto

test-interop: machine .interop/installed ## run presets as code for Keras, torchvision and Albumentations in those libraries
	AUGSTUDIO_INTEROP=1 .interop/bin/python -m pytest tests/interop

quick: machine-for-tests .venv/installed-tests ## run the tests that take no more than a few seconds each
	$(BIN)/python -m pytest --numprocesses auto -m "not slow"

lint: .venv/installed-tests ## check style and types
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy

bench: machine .venv/installed ## measure: slider to picture, stalls, start, export rate, memory
	$(BIN)/python tests/bench/bench.py

bench-peers: machine .venv-peers/installed ## measure side by side with Albumentations; ARGS=--write writes tests/bench/PEERS.md
	.venv-peers/bin/python tests/bench/peers.py $(ARGS)

scale: machine .venv/installed ## export 100,000 tiny pictures: memory, and the rate from first to last
	$(BIN)/python tests/bench/of_scale.py

torture: machine .venv/installed ## export thousands of damaged pictures: each is exported or reported
	$(BIN)/python tests/bench/of_torture.py

screenshot: machine .venv/installed ## draw the pictures of README and manual anew
	$(BIN)/python -m augstudio.gui.shell.tour --screenshot resources/screenshot.png
	$(BIN)/python -m augstudio.gui.shell.tour --labels --screenshot resources/manual/labels.png
	$(BIN)/python -m augstudio.gui.shell.tour --sheet --screenshot resources/manual/sheet.png

schema: .venv/installed ## write the presets' JSON Schema anew
	$(BIN)/python -m augstudio.presets

wheel: .venv/pyvenv.cfg ## build the wheel into dist
	rm -rf dist
	$(BIN)/python -m pip wheel --no-deps --wheel-dir dist .

clean: ## remove .venv, caches and what was built (augstudio-demo stays)
	rm -rf .venv .venv-peers .interop build dist .pytest_cache .mypy_cache .ruff_cache .hypothesis
	find augstudio tests -name __pycache__ -type d -prune -exec rm -rf {} +

# --- what the commands above stand on ---

machine:
	@bash .ci/system ready

machine-for-tests:
	@bash .ci/system ready xvfb

.venv/pyvenv.cfg:
	python=$$(bash .ci/system python) && "$$python" -m venv --clear .venv

# Editable, so that an edit shows at once; pip runs again when pyproject.toml has changed.
.venv/installed: .venv/pyvenv.cfg pyproject.toml
	$(BIN)/python -m pip install --disable-pip-version-check --editable .
	touch $@

.venv/installed-tests: .venv/pyvenv.cfg pyproject.toml
	$(BIN)/python -m pip install --disable-pip-version-check --editable '.[test]'
	touch .venv/installed $@

# Both libraries on one OpenCV: Albumentations brings the headless build, so ours comes without its own, and without Qt.
.venv-peers/installed: pyproject.toml
	python=$$(bash .ci/system python) && "$$python" -m venv --clear .venv-peers
	.venv-peers/bin/python -m pip install --disable-pip-version-check albumentations==2.0.8 defusedxml filelock pillow platformdirs regex rich shapely simplejpeg stringzilla typer
	.venv-peers/bin/python -m pip install --disable-pip-version-check --no-deps --editable .
	touch $@

# The libraries that presets are written for, without GPUs. PyTorch's own index has its builds for processors alone
# (200 MB; the usual one is several GB); torchvision may come without its compiled operators, which nothing here needs.
.interop/pyvenv.cfg:
	python=$$(bash .ci/system python) && "$$python" -m venv --clear .interop

.interop/installed: .interop/pyvenv.cfg pyproject.toml tests/interop/requirements.txt
	.interop/bin/python -m pip install --disable-pip-version-check torch==2.13.0
	.interop/bin/python -m pip install --disable-pip-version-check --no-deps torchvision==0.28.0
	.interop/bin/python -m pip install --disable-pip-version-check --requirement tests/interop/requirements.txt
	.interop/bin/python -m pip install --disable-pip-version-check --no-deps --editable .
	touch $@
