/**
 * Reading an Envoy bootstrap file. Only a proxy that runs on its own comes here; in a pod none of
 * these classes is loaded.
 */
@NullMarked
package dev.heddle.dataplane.bootstrap;

import org.jspecify.annotations.NullMarked;
