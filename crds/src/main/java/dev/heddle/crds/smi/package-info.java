/** What the kinds of the Service Mesh Interface have in common. */
@NullMarked
package dev.heddle.crds.smi;

import org.jspecify.annotations.NullMarked;
