/** What is well with a mesh and what is not: pure functions from what was seen to conditions. */
@NullMarked
package dev.heddle.operator.status;

import org.jspecify.annotations.NullMarked;
