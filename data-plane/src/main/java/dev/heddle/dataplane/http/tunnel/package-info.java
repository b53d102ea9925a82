/** Bytes both ways between two channels, after an upgrade. */
@NullMarked
package dev.heddle.dataplane.http.tunnel;

import org.jspecify.annotations.NullMarked;
