/** An xDS resource: its type, name and version, as translation makes it and the server sends it. */
@NullMarked
package dev.heddle.smiadapter.resources;

import org.jspecify.annotations.NullMarked;
