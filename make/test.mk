.PHONY: test
test: ## everything that must hold: format, analysis, unit tests, and the mesh on real pods
	@make/packages build images cluster
	@$(STEP) "Compiling and unit-testing the Java modules" $(MAVEN) verify -DskipITs
	@$(STEP) "Testing the test workload" make/go test-e2e/workload test ./...
	@$(STEP) "Testing the mesh on real pods" $(MAVEN) verify --projects test-e2e --also-make -DskipUnitTests
