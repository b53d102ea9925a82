.PHONY: test
test: ## everything that must hold: format, analysis, unit tests, and the mesh on real pods
	@make/packages build attack autobahn images cluster envoy
	@rm -rf */target/surefire-reports */target/failsafe-reports
	@$(STEP) "Compiling and unit-testing the Java modules" $(MAVEN) verify -DskipITs -Dheddle.churn.seconds=120
	@$(STEP) "Fuzzing the proxy" make/fuzz
	@$(STEP) "Attacking the proxy with public tools" $(MAVEN) verify --projects data-plane --also-make -DskipUnitTests
	@$(STEP) "Testing the scripts that build images" python3 -m unittest discover --start-directory images --top-level-directory images --pattern "*_test.py"
	@$(STEP) "Testing the stand-in of the API server" make/go images/training/standin test ./...
	@$(STEP) "Testing the scripts that measure" env PYTHONDONTWRITEBYTECODE=1 PYTHONPATH=.:bench:images python3 -m unittest discover --start-directory bench --top-level-directory bench --pattern "*_test.py"
	@$(STEP) "Testing the load that measures" make/go bench/tools test ./...
	@$(STEP) "Testing the test workload" make/go test-e2e/workload test ./...
	@$(STEP) "Decoding our answers by the SMI SDK" make/go test-e2e/smi-sdk test ./...
	@$(MAKE) images install-manifest
	@if [[ $$EUID == 0 && $${CLUSTER:-local} == local ]]; then $(MAKE) cluster-test; fi
	@$(STEP) "Testing the mesh on real pods" $(MAVEN) verify --projects test-e2e --also-make -DskipUnitTests
	@make/test-report
