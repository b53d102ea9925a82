/**
 * The HTTPS endpoint that the API server asks: one server for all of the adapter's webhooks, which
 * knows nothing of what they are about.
 */
@NullMarked
package dev.heddle.smiadapter.webhook;

import org.jspecify.annotations.NullMarked;
