/** What a mesh consists of: pure functions from a MeshInstall to Kubernetes objects. */
@NullMarked
package dev.heddle.operator.resources;

import org.jspecify.annotations.NullMarked;
