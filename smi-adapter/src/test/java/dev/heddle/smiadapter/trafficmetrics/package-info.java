@NullMarked
package dev.heddle.smiadapter.trafficmetrics;

import org.jspecify.annotations.NullMarked;
