/** Tests of the front end for SMI. */
@NullMarked
package dev.heddle.smiadapter.smi;

import org.jspecify.annotations.NullMarked;
