.PHONY: images proxy

images: ## build the images of the product and of the tests, without a container engine
	@make/packages images
	@make/package-jars operator ca smi-adapter data-plane
	@$(STEP) "Building the product's images" images/build
	@$(STEP) "Building the test images" test-e2e/images/build

proxy: ## build data-plane/target/dist/bin/heddle-proxy, the proxy on its own
	@make/packages images
	@make/package-jars data-plane
	@$(STEP) "Building the proxy's distribution" images/build --distribution data-plane/target/dist
