/** Makes and reads X.509 certificates and keys; knows no network and no Kubernetes. */
@NullMarked
package dev.heddle.ca.certificates;

import org.jspecify.annotations.NullMarked;
