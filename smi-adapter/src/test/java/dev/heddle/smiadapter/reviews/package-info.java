/** Tests of the room of the same name. */
@NullMarked
package dev.heddle.smiadapter.reviews;

import org.jspecify.annotations.NullMarked;
