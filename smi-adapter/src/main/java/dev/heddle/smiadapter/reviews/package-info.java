/**
 * What the API server asks about objects of the Service Mesh Interface: to convert them, and
 * whether to admit them. Speaks the reviews; what they are about is decided in {@code conversion}
 * and {@code validation}.
 */
@NullMarked
package dev.heddle.smiadapter.reviews;

import org.jspecify.annotations.NullMarked;
