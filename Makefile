.DEFAULT_GOAL := help
.PHONY: help demo dev test test-fast lint format bench lock clean
export PYTHONDONTWRITEBYTECODE :=

help: ## Show the verbs
	@grep -E '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 14

demo: ## Run the main job on a year of real sales and publish it
	@requirements/install demo && .venv/bin/tillhouse demo

dev: ## Serve assets, checks and jobs at http://localhost:3000
	@requirements/install demo && .venv/bin/tillhouse dev

# Three workers: two cores have something to do while one worker waits for Spark, a file or a night.
test: ## Run every test; those for Spark need a JDK 17+, those of the page Chromium
	@requirements/install dev && .venv/bin/python -m pytest -n 3 --no-loadscope-reorder

test-fast: ## Run the tests that need neither Spark nor a browser
	@requirements/install dev && .venv/bin/python -m pytest -n 3 --no-loadscope-reorder -m "not spark and not browser and not pipeline and not slow"

lint: ## Check style, types, layers and SQL
	@requirements/install dev && .ci/lint

format: ## Let ruff format the Python
	@requirements/install dev && .venv/bin/ruff format . && .venv/bin/ruff check --fix .

bench: ## Measure the full build and a night against plain DuckDB
	@requirements/install dev && .venv/bin/python -m benchmarks

lock: ## Lock the requirements anew from pyproject.toml
	@requirements/lock

clean: ## Remove what was built, not what was installed
	rm -rf var dbt_project/target dbt_project/logs .pytest_cache .mypy_cache .ruff_cache
