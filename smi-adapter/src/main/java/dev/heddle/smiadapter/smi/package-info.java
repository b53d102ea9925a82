/** The front end for SMI: compiles its objects into the neutral records of the state. */
@NullMarked
package dev.heddle.smiadapter.smi;

import org.jspecify.annotations.NullMarked;
