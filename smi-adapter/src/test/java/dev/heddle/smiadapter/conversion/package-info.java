/** Tests of conversion among versions. */
@NullMarked
package dev.heddle.smiadapter.conversion;

import org.jspecify.annotations.NullMarked;
