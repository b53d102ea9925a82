# What one applies to a cluster: the CRDs and the operator, in one file. IMAGE_REGISTRY and IMAGE_TAG say where its images are.
IMAGE_REGISTRY ?=
IMAGE_TAG ?= $(shell make/version)

.PHONY: install-manifest
install-manifest: ## write config/target/install.yaml: CRDs and operator (IMAGE_REGISTRY=, IMAGE_TAG=)
	@mkdir -p config/target
	@make/install-manifest "$(IMAGE_REGISTRY)" "$(IMAGE_TAG)" > config/target/install.yaml
	@echo "wrote config/target/install.yaml"
