/**
 * What proxies report of their traffic: taken in, summed up over a sliding window, shared among
 * replicas.
 */
@NullMarked
package dev.heddle.smiadapter.telemetry;

import org.jspecify.annotations.NullMarked;
