/** Tests of the package of the same name. */
@NullMarked
package dev.heddle.operator.resources;

import org.jspecify.annotations.NullMarked;
