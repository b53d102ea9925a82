/**
 * What in an object of the Service Mesh Interface can only be a mistake. What may become right,
 * such as a reference to an object that does not exist yet, is none. Pure functions over the shape
 * that is stored; mistakes are told in the fields of the version that was written.
 */
@NullMarked
package dev.heddle.smiadapter.validation;

import org.jspecify.annotations.NullMarked;
