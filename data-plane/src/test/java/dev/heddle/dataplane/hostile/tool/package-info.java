/** Public test suites and attack tools, run against a whole proxy. */
@NullMarked
package dev.heddle.dataplane.hostile.tool;

import org.jspecify.annotations.NullMarked;
