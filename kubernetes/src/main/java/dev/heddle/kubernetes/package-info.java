/** What the parts of the control plane do alike with the API server. */
@NullMarked
package dev.heddle.kubernetes;

import org.jspecify.annotations.NullMarked;
