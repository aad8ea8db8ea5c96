# `make` sets up .venv from the lock and runs the article's study, `make recipes` the one of causes,
# `make quick` a small one. `make watch`, in another terminal, shows how far trainings are.
# `make measure` times the study's updates on this device without training it. `make advise` says which
# batch size is best on which device. `make report` packs the study into one file. All three take
# another study by CONFIG=config/recipes.yaml RESULTS=results/recipes. `make verify` trains a point of
# a finished study again, in RESULTS or in results, and says whether its bytes are the same.
# `make check` names the line of a config that is no YAML.
# `make slurm` adds what a SLURM cluster needs.
# `make test`, `make test-faults`, `make lint`, `make bench`, `make bench-models`, `make scale`,
# `make coverage` and `make repeats` set up the test dependencies too.

PYTHON ?= python3
CORES ?= 4
BIN := .venv/bin

.PHONY: study quick recipes watch check compare verify measure advise report slurm test test-faults \
	lint bench bench-models scale coverage repeats lock
.DEFAULT_GOAL := study

# Progress bars on a terminal, short lines elsewhere. The whole log is in .snakemake/log.
# --quiet and --logger would take a target behind them for theirs; --cores takes one word.
SNAKEMAKE = $(BIN)/snakemake --quiet rules $$(test -t 1 && echo --logger rich) --cores $(CORES)

# The answer of the study in a folder, and where the rest is.
define answer
	@echo; cat $(1)/summary/answer.txt; echo
	@echo "page:    $(1)/study.html"
	@echo "text:    $(1)/summary/summary.md"
	@echo "numbers: $(1)/summary/summary.csv"
endef

study: .venv/study
	$(SNAKEMAKE)
	$(call answer,results)

# Fewer batch sizes and replicates than the article's study, in a folder of its own.
quick: .venv/study
	$(SNAKEMAKE) --configfile config/config.yaml config/quick.yaml
	$(call answer,results/quick)

recipes: .venv/study
	$(SNAKEMAKE) --configfile config/recipes.yaml
	$(call answer,results/recipes)

# The last line of each training's log that has changed in the last minute, until you press Ctrl-C.
watch:
	@while sleep 1; do \
		clear; \
		find $(RESULTS) -path '*/logs/train/*.log' -newermt '1 minute ago' | sort -V | while read -r log; do \
			printf '%s: %s\n' "$$log" "$$(grep -a ' run ' "$$log" | tail -n 1 | cut -d ' ' -f 3-)"; \
		done; \
	done

# The same page for two finished studies: make compare A=results B=results/quick
PAGE := results/compare.html
compare: .venv/study
	PYTHONPATH=workflow/scripts $(BIN)/python -m batchscope.compare "$(A)" "$(B)" "$(PAGE)"
	@echo "page: $(PAGE)"

# The cheapest point, or another: make verify POINT=adam/32
verify: .venv/study
	PYTHONPATH=workflow/scripts $(BIN)/python -m batchscope.verify "$(RESULTS)" $(if $(POINT),"$(POINT)")

# Of a file that it cannot read Snakemake names no line.
check: .venv/study
	PYTHONPATH=workflow/scripts $(BIN)/python -m batchscope.config.reading $(or $(CONFIG),config/config.yaml)

measure: .venv/study check
	$(SNAKEMAKE) measure $(CONFIGFILE)
	@echo "Copy $(RESULTS)/measure/device.json beside a config, and name it there: devices[].measured"

advise: .venv/study check
	$(SNAKEMAKE) advise $(CONFIGFILE)
	@cat $(RESULTS)/advice/advice.md
	@echo "This text: $(RESULTS)/advice/advice.md"

report: .venv/study check
	$(SNAKEMAKE) $(CONFIGFILE)
	$(BIN)/snakemake --report $(RESULTS)/report.html $(CONFIGFILE)
	@echo "To look at it in a browser: $(RESULTS)/report.html"

RESULTS := results
CONFIGFILE = $(if $(CONFIG),--configfile $(CONFIG))

slurm: .venv/slurm

test: .venv/dev
	$(BIN)/pytest --numprocesses 2 --dist loadfile

# Breaks studies on purpose, in every way that tests/faults knows; `make test` has its quick ones.
test-faults: .venv/dev
	$(BIN)/pytest --numprocesses 2 --dist worksteal -m slow tests/faults tests/cluster

lint: .venv/dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/snakefmt --check Snakefile workflow
	$(BIN)/snakemake --lint

bench: .venv/dev
	$(BIN)/python benchmarks/compare.py

# Ten models from benchmarks/models, each by `fit` and by the way that its probe chooses.
bench-models: .venv/dev
	CUDA_VISIBLE_DEVICES=-1 PYTHONPATH=workflow/scripts $(BIN)/python benchmarks/ten_models.py

# What a study costs as it grows, from made-up trainings; docs/benchmark.md has the table.
scale: .venv/dev
	$(BIN)/python benchmarks/scale.py

# Simulates what intervals cover and verdicts find; docs/statistics.md has its tables.
coverage: .venv/dev
	$(BIN)/python benchmarks/coverage.py

# Repeats the default study ten times on two busy cores; docs/statistics.md has its table. What is
# finished stays in results/repeats, and the next `make repeats` goes on from there.
repeats: .venv/dev
	$(BIN)/python benchmarks/repeats.py

# Resolves pyproject.toml anew into the lock files.
lock: .venv/dev
	$(COMPILE) -o requirements.txt
	$(COMPILE) --extra slurm -c requirements.txt -o requirements-slurm.txt
	$(COMPILE) --extra dev -c requirements.txt -o requirements-dev.txt

COMPILE := $(BIN)/uv pip compile pyproject.toml --upgrade --universal --python-version 3.11 \
	--generate-hashes --custom-compile-command "make lock" --quiet

# The stamps are newer than the locks they were installed from.
.venv/study: requirements.txt
	$(PYTHON) -c "import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13) and \
		f'Python 3.11, 3.12 or 3.13 is needed; this is {sys.version}. Try make PYTHON=python3.12')"
	test -x $(BIN)/python || $(PYTHON) -m venv .venv
	@echo "Installing the packages of requirements.txt into .venv; this takes a minute or two."
	$(BIN)/python -m pip install --quiet --require-hashes -r requirements.txt
	touch $@

.venv/slurm: .venv/study requirements-slurm.txt
	$(BIN)/python -m pip install --quiet --require-hashes -r requirements-slurm.txt
	touch $@

.venv/dev: .venv/study requirements-dev.txt
	$(BIN)/python -m pip install --quiet --require-hashes -r requirements-dev.txt
	touch $@
