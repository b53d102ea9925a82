.PHONY: bench bench-proxy bench-quick bench-mesh
bench: bench-proxy ## measure everything that needs no cluster, beside stock Envoy and HAProxy (under 30 minutes)

bench-proxy: ## put the proxy beside stock Envoy and HAProxy, every work; writes bench/target/report.json (WORKS= for some)
	@make/packages bench
	@$(MAKE) proxy
	@bench/proxy $(WORKS)

bench-quick: ## the two works that matter most, in under 3 minutes
	@make/packages bench
	@$(MAKE) proxy
	@bench/proxy --quick $(WORKS)

bench-mesh: ## measure the mesh that demo left running: memory, start of the proxies, time from a changed weight to its effect
	@bench/mesh
