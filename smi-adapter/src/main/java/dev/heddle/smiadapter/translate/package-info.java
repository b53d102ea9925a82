/** Pure functions from the state to the xDS resources of a service or a workload. */
@NullMarked
package dev.heddle.smiadapter.translate;

import org.jspecify.annotations.NullMarked;
