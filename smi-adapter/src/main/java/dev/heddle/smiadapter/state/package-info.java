/** The mesh as one immutable value, in neutral terms that no traffic API and no proxy dictates. */
@NullMarked
package dev.heddle.smiadapter.state;

import org.jspecify.annotations.NullMarked;
