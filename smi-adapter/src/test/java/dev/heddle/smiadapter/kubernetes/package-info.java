/** Tests. */
@NullMarked
package dev.heddle.smiadapter.kubernetes;

import org.jspecify.annotations.NullMarked;
