/** Watches the Kubernetes API and turns its objects into changes of the state. */
@NullMarked
package dev.heddle.smiadapter.kubernetes;

import org.jspecify.annotations.NullMarked;
