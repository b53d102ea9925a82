# A local Kubernetes for trying things out by hand; see test-e2e/localcluster/README.md. CLUSTER_NAME chooses which one.
CLUSTER_NAME ?= dev

.PHONY: cluster cluster-down

cluster: ## start a local Kubernetes (CLUSTER_NAME=dev), or use the one that is up
	@test-e2e/localcluster/localcluster up --name $(CLUSTER_NAME)

cluster-down: ## remove the local Kubernetes (CLUSTER_NAME=dev) and every trace of it
	@test-e2e/localcluster/localcluster down --name $(CLUSTER_NAME)

.PHONY: cluster-test
cluster-test: ## test that a local Kubernetes leaves nothing behind, whatever ends it (needs root, some minutes)
	@$(STEP) "Testing that a local cluster leaves nothing behind" test-e2e/localcluster/localcluster test
