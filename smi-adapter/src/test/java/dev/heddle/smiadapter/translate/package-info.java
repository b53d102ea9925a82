/** Tests. */
@NullMarked
package dev.heddle.smiadapter.translate;

import org.jspecify.annotations.NullMarked;
