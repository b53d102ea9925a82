/**
 * What the proxy tells of the traffic: metrics under Istio's standard names, and the access log.
 */
@NullMarked
package dev.heddle.dataplane.telemetry;

import org.jspecify.annotations.NullMarked;
