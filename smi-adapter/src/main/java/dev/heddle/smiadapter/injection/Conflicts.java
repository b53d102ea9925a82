package dev.heddle.smiadapter.injection;

import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.ContainerPort;
import io.fabric8.kubernetes.api.model.PodSpec;
import io.fabric8.kubernetes.api.model.Volume;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Refuses pods that already use what the proxy needs. */
final class Conflicts {
  private static final Set<Integer> PORTS =
      Set.of(
          15000,
          RedirectRules.OUTBOUND_PORT,
          RedirectRules.INBOUND_PORT,
          RedirectRules.HEALTH_PORT);

  private Conflicts() {}

  static void require(PodSpec pod) throws RefusedException {
    if (pod.getSecurityContext() != null) {
      requireOtherUser("the pod", pod.getSecurityContext().getRunAsUser());
    }
    for (Container container :
        Stream.concat(pod.getInitContainers().stream(), pod.getContainers().stream()).toList()) {
      String name = "container " + container.getName();
      if (container.getName().equals(ProxyContainers.INIT)) {
        throw new RefusedException(
            name + ": the name is that of Heddle's own init container (expected: another name)");
      }
      if (container.getSecurityContext() != null) {
        requireOtherUser(name, container.getSecurityContext().getRunAsUser());
      }
      for (ContainerPort port : container.getPorts()) {
        if (PORTS.contains(port.getContainerPort())) {
          throw new RefusedException(
              name
                  + ": port "
                  + port.getContainerPort()
                  + " is the proxy's (expected: none of 15000, 15001, 15006, 15020)");
        }
      }
    }
    for (Volume volume : pod.getVolumes()) {
      if (volume.getName().equals(ProxyContainers.IDENTITY_VOLUME)
          || volume.getName().equals(ProxyContainers.STATE_VOLUME)) {
        throw new RefusedException(
            "volume " + volume.getName() + ": the name is Heddle's own (expected: another name)");
      }
    }
  }

  private static void requireOtherUser(String what, @Nullable Long user) throws RefusedException {
    if (user != null && user == RedirectRules.PROXY_USER) {
      throw new RefusedException(
          what
              + ": runAsUser 15000 is the proxy's user, whose traffic is not captured (expected:"
              + " another user)");
    }
  }
}
