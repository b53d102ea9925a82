/**
 * What hostile peers do, sent over raw sockets to whole proxies: at the client's side, at the
 * server's side, and from a malicious application. {@code docs/security.md} says which test holds
 * which class of attack.
 */
@NullMarked
package dev.heddle.dataplane.hostile;

import org.jspecify.annotations.NullMarked;
