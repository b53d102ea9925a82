package dev.heddle.e2e.cluster;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Inherited;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * Marks a test class that runs on a real cluster: it gets {@link Cluster} and {@link
 * io.fabric8.kubernetes.client.KubernetesClient} as parameters, and each failing test leaves a
 * report in {@code target/failures/}.
 */
@Documented
@Inherited
@Target(ElementType.TYPE)
@Retention(RetentionPolicy.RUNTIME)
@ExtendWith({ClusterExtension.class, FailureReport.class})
public @interface OnCluster {}
