/** The settings of the mesh that may change while the adapter runs. */
@NullMarked
package dev.heddle.smiadapter.settings;

import org.jspecify.annotations.NullMarked;
