/** Tests of what users are told. */
@NullMarked
package dev.heddle.smiadapter.events;

import org.jspecify.annotations.NullMarked;
