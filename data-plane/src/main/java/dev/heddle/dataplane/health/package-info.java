/**
 * Active health checks: endpoints are asked regularly whether they are well. Where no cluster has
 * health checks, nothing of this is loaded.
 */
@NullMarked
package dev.heddle.dataplane.health;

import org.jspecify.annotations.NullMarked;
