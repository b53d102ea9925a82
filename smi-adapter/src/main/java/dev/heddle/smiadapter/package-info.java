/**
 * The control plane: watches the cluster, translates what it finds and serves it to the proxies.
 */
@NullMarked
package dev.heddle.smiadapter;

import org.jspecify.annotations.NullMarked;
