@NullMarked
package dev.heddle.smiadapter.aggregated;

import org.jspecify.annotations.NullMarked;
