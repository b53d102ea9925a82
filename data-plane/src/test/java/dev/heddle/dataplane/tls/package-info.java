@NullMarked
package dev.heddle.dataplane.tls;

import org.jspecify.annotations.NullMarked;
