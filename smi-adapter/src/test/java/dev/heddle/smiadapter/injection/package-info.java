/** Tests of the injector. */
@NullMarked
package dev.heddle.smiadapter.injection;

import org.jspecify.annotations.NullMarked;
