/** What runs in the mesh under test: namespaces, servers, load generators and probes. */
@NullMarked
package dev.heddle.e2e.workload;

import org.jspecify.annotations.NullMarked;
