/**
 * Turns objects of the Service Mesh Interface from one version into another, by way of the version
 * that is stored. Pure functions over JSON trees, so that nothing is lost that a type does not
 * know. Two rules hold for what an older version cannot hold:
 *
 * <ul>
 *   <li>what restricts (ports, headers, a split's matches) travels in an annotation and stays in
 *       force whatever a client of the older version changes;
 *   <li>what only tells how something was written (the text of a quantity) comes back while what it
 *       describes is unchanged, and is forgotten otherwise.
 * </ul>
 */
@NullMarked
package dev.heddle.smiadapter.conversion;

import org.jspecify.annotations.NullMarked;
