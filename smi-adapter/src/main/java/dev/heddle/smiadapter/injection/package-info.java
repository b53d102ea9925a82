/**
 * Puts a proxy into pods as they are created. Deciding and changing are pure functions from a pod
 * to a patch; the server around them speaks AdmissionReview.
 */
@NullMarked
package dev.heddle.smiadapter.injection;

import org.jspecify.annotations.NullMarked;
