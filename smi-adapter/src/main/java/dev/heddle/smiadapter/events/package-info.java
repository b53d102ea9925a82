/**
 * Tells users about objects that cannot be honoured, by Kubernetes Events, their status and
 * metrics.
 */
@NullMarked
package dev.heddle.smiadapter.events;

import org.jspecify.annotations.NullMarked;
