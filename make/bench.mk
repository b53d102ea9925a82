# A regular expression: which micro benchmarks.
MICRO ?= .

.PHONY: bench bench-proxy bench-quick bench-micro bench-mesh bench-control-plane
bench: bench-proxy ## measure everything that needs no cluster, beside stock Envoy and HAProxy (under 30 minutes)

bench-proxy: ## put the proxy beside stock Envoy and HAProxy, every work; writes bench/target/report.json (WORKS= for some)
	@make/packages bench
	@$(MAKE) proxy
	@bench/proxy $(WORKS)

bench-quick: ## the two works that matter most, in under 3 minutes
	@make/packages bench
	@$(MAKE) proxy
	@bench/proxy --quick $(WORKS)

bench-micro: ## measure single pieces of the request path by JMH (MICRO= for some)
	@$(STEP) "Compiling the micro benchmarks" $(MAVEN) test-compile dependency:build-classpath --projects data-plane --also-make \
	  -Dmdep.includeScope=test -Dmdep.outputFile=target/microbenchmark.classpath
	@mkdir -p bench/target
	@"$$(make/jdk)/bin/java" --enable-native-access=ALL-UNNAMED --sun-misc-unsafe-memory-access=allow \
	  -classpath "data-plane/target/test-classes:data-plane/target/classes:$$(cat data-plane/target/microbenchmark.classpath)" \
	  org.openjdk.jmh.Main -f 1 -wi 3 -w 1 -i 5 -r 1 -prof gc -rf json -rff bench/target/micro.json "$(MICRO)"

bench-mesh: ## measure the mesh that demo left running: memory, start of the proxies, time from a changed weight to its effect
	@bench/mesh

bench-control-plane: ## measure the control plane with 1,000 services and 1,000 proxies (under 15 minutes, CONTROL_PLANE=--quick under 5)
	@make/packages bench images cluster
	@$(MAKE) images
	@bench/control-plane $(CONTROL_PLANE)
