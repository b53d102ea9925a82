/**
 * Pages for people and probes: what the proxy serves by, whether it is ready, draining, logging.
 */
@NullMarked
package dev.heddle.dataplane.admin;

import org.jspecify.annotations.NullMarked;
