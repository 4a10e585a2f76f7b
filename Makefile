# `make demo` and `make test` each set up everything they need in .venv and run.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check install --quiet -c constraints.txt
WHEEL := build/wheel

.PHONY: demo test prove faults lint types wheel bench fidelity sprites calibration blender clean
.DEFAULT_GOAL := demo

$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] < (3, 13))' || \
	  { echo "Python 3.11 or 3.12 is needed; name one: make PYTHON=python3.12"; exit 2; }
	$(PYTHON) -m venv $(VENV)

$(VENV)/.installed: pyproject.toml constraints.txt | $(BIN)/python
	$(PIP) -e .
	@touch $@

$(VENV)/.developer: $(VENV)/.installed
	$(PIP) -e '.[dev,render,s3,ray]'
	@touch $@

demo: $(VENV)/.installed
	$(BIN)/benchwright build simco-demo --out runs/simco-demo
	$(BIN)/benchwright verify runs/simco-demo
	$(BIN)/benchwright show runs/simco-demo

test: lint types
	PYTHONPATH=$(CURDIR)/$(WHEEL) $(BIN)/pytest -n 2 --dist worksteal -m "not slow" --durations=15

# The long proofs: many seeds, many kills. Their last output is kept in docs/proofs.md.
prove: wheel
	PYTHONPATH=$(CURDIR)/$(WHEEL) $(BIN)/pytest -m slow -s

# What was tried to break it, and how much of it was survived, by kind and by command.
faults: wheel
	PYTHONPATH=$(CURDIR)/$(WHEEL):$(CURDIR)/tests $(BIN)/pytest -p fault_tally -n 2 \
	  --dist worksteal -m fault --durations=15

lint: $(VENV)/.developer
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

# mypy does not follow the folder mapping of an editable install, and tests should see what users
# get: both run on the built wheel.
wheel: $(VENV)/.developer
	@rm -rf $(WHEEL) build/lib build/bdist.*
	$(PIP) --no-deps --target $(WHEEL) .

types: wheel
	cd $(WHEEL) && ../../$(BIN)/mypy --config-file ../../pyproject.toml --cache-dir ../mypy -p benchwright

# Half an hour on an idle machine; `make blender` before lets it compare with Blender, too.
bench: $(VENV)/.developer
	$(BIN)/benchwright bench

fidelity: $(VENV)/.developer
	$(BIN)/python tools/fidelity.py

sprites: $(VENV)/.developer
	$(BIN)/python tools/bake_sprites.py --out data/sprites

calibration: $(VENV)/.developer
	$(BIN)/python tools/train_calibration.py --out data/calibration

# Blender as a module of a Python of its own (GPL, and it pins an old NumPy): see docs/blender.md.
BLENDER_PYTHON ?= python3.11

blender: build/blender/.installed

build/blender/.installed:
	@$(BLENDER_PYTHON) -c 'import sys; sys.exit(sys.version_info[:2] != (3, 11))' || \
	  { echo "bpy 4.5 needs Python 3.11: make blender BLENDER_PYTHON=..., or install Blender"; exit 2; }
	$(BLENDER_PYTHON) -m venv build/blender
	build/blender/bin/python -m pip --disable-pip-version-check install --quiet bpy==4.5.15
	build/blender/bin/python -c 'import bpy; print("Blender", bpy.app.version_string)'
	@touch $@

clean:
	rm -rf $(VENV) build runs *.egg-info .mypy_cache .ruff_cache .pytest_cache .hypothesis
