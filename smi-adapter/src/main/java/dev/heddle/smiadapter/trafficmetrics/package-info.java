/**
 * What TrafficMetrics of the Service Mesh Interface say about the objects of a cluster: from edges
 * to rows to JSON and tables, without any I/O.
 */
@NullMarked
package dev.heddle.smiadapter.trafficmetrics;

import org.jspecify.annotations.NullMarked;
