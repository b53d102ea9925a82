/**
 * Envoy's messages turned into the proxy's own configuration: pure functions, strict. A field that
 * would change what happens to traffic and is not honoured is refused by its path; fields without
 * effect here are tolerated only where a list names them.
 */
@NullMarked
package dev.heddle.dataplane.xds.translation;

import org.jspecify.annotations.NullMarked;
