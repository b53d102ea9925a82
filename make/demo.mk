.PHONY: demo demo-down
demo: ## install Heddle on a local Kubernetes (or CLUSTER=current), split real traffic, change the split, watch
	@$(MAKE) images install-manifest
	@demo/demo up

demo-down: ## remove what demo made
	@demo/demo down
