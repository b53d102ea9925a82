/**
 * What every process of Heddle shares: its environment, its log, its health endpoints and its build
 * identity.
 */
@NullMarked
package dev.heddle.meshapi.process;

import org.jspecify.annotations.NullMarked;
