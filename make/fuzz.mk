.PHONY: fuzz
fuzz: ## look for inputs that break the proxy; FUZZ_SECONDS (60) for each target, FUZZ_TARGETS (all)
	@make/packages build
	@$(STEP) "Fuzzing the proxy" make/fuzz $(FUZZ_TARGETS)
