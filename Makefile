# What a person types. Each target is defined in make/, next to the scripts it calls.

SHELL := bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
MAKEFLAGS += --no-print-directory --no-builtin-rules
.DELETE_ON_ERROR:

# The two lines that every long step goes through: what it does, how long it took, its log when it fails.
STEP := make/step
MAVEN := make/maven

include $(sort $(wildcard make/*.mk))

.PHONY: help
help: ## list the targets
	@awk -F ':.*## ' '/^[a-z][a-z-]*:.*## / { printf "  make %-14s %s\n", $$1, $$2 }' $(MAKEFILE_LIST) | sort
