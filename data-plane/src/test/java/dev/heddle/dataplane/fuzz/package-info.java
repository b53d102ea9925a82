/**
 * What the proxy must hold for any input: fuzz targets, and the strict readers that judge what
 * comes out of it. {@code make fuzz} looks for inputs that break a target; {@link
 * dev.heddle.dataplane.fuzz.CorpusTest} runs those that are known.
 */
@NullMarked
package dev.heddle.dataplane.fuzz;

import org.jspecify.annotations.NullMarked;
