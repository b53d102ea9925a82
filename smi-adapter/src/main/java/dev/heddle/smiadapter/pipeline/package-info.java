/** The one thread on which what was seen becomes state, resources and findings. */
@NullMarked
package dev.heddle.smiadapter.pipeline;

import org.jspecify.annotations.NullMarked;
