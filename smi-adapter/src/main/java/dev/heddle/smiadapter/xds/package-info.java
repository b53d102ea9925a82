/** Serves resources over delta ADS: what changed, to who subscribed, and to nobody else. */
@NullMarked
package dev.heddle.smiadapter.xds;

import org.jspecify.annotations.NullMarked;
