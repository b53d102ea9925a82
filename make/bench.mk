.PHONY: bench-mesh
bench-mesh: ## measure the mesh that demo left running: memory, start of the proxies, time from a changed weight to its effect
	@bench/mesh
