/**
 * What Heddle promises, on real pods of a real Kubernetes. Each test fails when its feature is
 * taken out.
 */
@NullMarked
package dev.heddle.e2e;

import org.jspecify.annotations.NullMarked;
