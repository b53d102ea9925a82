/** Decides who may do what: access rules of any shape, on connections and on requests. */
@NullMarked
package dev.heddle.dataplane.access;

import org.jspecify.annotations.NullMarked;
