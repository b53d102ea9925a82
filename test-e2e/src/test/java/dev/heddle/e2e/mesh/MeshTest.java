package dev.heddle.e2e.mesh;

import dev.heddle.e2e.cluster.OnCluster;
import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Inherited;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * Marks a test class that runs on a cluster with Heddle installed: it gets {@link Mesh} as a
 * parameter.
 */
@Documented
@Inherited
@Target(ElementType.TYPE)
@Retention(RetentionPolicy.RUNTIME)
@OnCluster
@ExtendWith(MeshExtension.class)
public @interface MeshTest {}
