/** Tests of the package of the same name. */
@NullMarked
package dev.heddle.operator.reconcile;

import org.jspecify.annotations.NullMarked;
