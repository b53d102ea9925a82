/** Who a workload is, how it proves it, and how it gets and renews the certificate that says so. */
@NullMarked
package dev.heddle.meshapi.identity;

import org.jspecify.annotations.NullMarked;
