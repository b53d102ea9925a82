@NullMarked
package dev.heddle.dataplane.http.harness;

import org.jspecify.annotations.NullMarked;
