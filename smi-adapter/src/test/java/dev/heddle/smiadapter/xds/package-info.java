/** Holds the server to the xDS protocol, over a real gRPC connection. */
@NullMarked
package dev.heddle.smiadapter.xds;

import org.jspecify.annotations.NullMarked;
