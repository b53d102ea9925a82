/** Tests of how what the mesh knows is held. */
@NullMarked
package dev.heddle.smiadapter.state;

import org.jspecify.annotations.NullMarked;
