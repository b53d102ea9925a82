/** Tests of the room of the same name. */
@NullMarked
package dev.heddle.smiadapter.validation;

import org.jspecify.annotations.NullMarked;
