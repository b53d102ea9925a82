/** Tests of what every process shares. */
@NullMarked
package dev.heddle.meshapi.process;

import org.jspecify.annotations.NullMarked;
