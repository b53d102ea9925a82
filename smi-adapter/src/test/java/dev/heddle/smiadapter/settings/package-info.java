/** Tests of the settings. */
@NullMarked
package dev.heddle.smiadapter.settings;

import org.jspecify.annotations.NullMarked;
