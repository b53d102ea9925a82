/** Holds the rooms of the control plane apart. */
@NullMarked
package dev.heddle.smiadapter;

import org.jspecify.annotations.NullMarked;
