/** Tests of the identity of workloads, with an authority of their own. */
@NullMarked
package dev.heddle.meshapi.identity;

import org.jspecify.annotations.NullMarked;
