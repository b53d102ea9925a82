/** What is known of a downstream connection from accept to close. */
@NullMarked
package dev.heddle.dataplane.connection;

import org.jspecify.annotations.NullMarked;
