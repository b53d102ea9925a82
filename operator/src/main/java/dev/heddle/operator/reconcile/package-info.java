/** Makes the cluster what a MeshInstall says: the workflow, its order, and the way back. */
@NullMarked
package dev.heddle.operator.reconcile;

import org.jspecify.annotations.NullMarked;
