package dev.heddle.smiadapter.kubernetes;

import dev.heddle.smiadapter.state.Change;
import dev.heddle.smiadapter.state.ObjectName;
import dev.heddle.smiadapter.state.Observation;
import dev.heddle.smiadapter.state.Protocol;
import dev.heddle.smiadapter.state.Service;
import dev.heddle.smiadapter.state.ServicePort;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Reads Services. */
final class ServiceMapping implements Mapping<io.fabric8.kubernetes.api.model.Service> {

  private static final String HEADLESS = "None";

  @Override
  public Observation observed(io.fabric8.kubernetes.api.model.Service object) {
    ObjectName name = Names.of(object);
    return Observation.of(new Change.ServiceChange(name, service(name, object)));
  }

  @Override
  public Optional<Observation> removed(ObjectName name) {
    return Optional.of(Observation.of(new Change.ServiceChange(name, null)));
  }

  private static @Nullable Service service(
      ObjectName name, io.fabric8.kubernetes.api.model.Service object) {
    var spec = object.getSpec();
    if (spec == null || Objects.equals(spec.getType(), "ExternalName")) {
      return null;
    }
    List<String> addresses = Absent.orEmpty(spec.getClusterIPs());
    if (addresses.isEmpty() && spec.getClusterIP() != null) {
      addresses = List.of(spec.getClusterIP());
    }
    List<ServicePort> ports =
        Absent.orEmpty(spec.getPorts()).stream()
            .filter(port -> port.getProtocol() == null || port.getProtocol().equals("TCP"))
            .map(port ->
                new ServicePort(
                    Objects.requireNonNullElse(port.getName(), ""),
                    port.getPort(),
                    protocol(port.getAppProtocol(), port.getName())))
            .toList();
    List<String> virtual =
        addresses.stream()
            .filter(address -> !address.isEmpty() && !address.equals(HEADLESS))
            .toList();
    if (virtual.isEmpty() && !addresses.contains(HEADLESS)) {
      return null; // The API server has not given it an address yet.
    }
    return new Service(name, virtual, ports);
  }

  /** {@code appProtocol} counts when it is known, else what the port's name begins with. */
  static Protocol protocol(@Nullable String appProtocol, @Nullable String portName) {
    Protocol declared = appProtocol == null ? Protocol.UNKNOWN : protocol(appProtocol);
    if (declared != Protocol.UNKNOWN || portName == null) {
      return declared;
    }
    int dash = portName.indexOf('-');
    return protocol(dash < 0 ? portName : portName.substring(0, dash));
  }

  private static Protocol protocol(String name) {
    return switch (name.toLowerCase(Locale.ROOT)) {
      case "http", "http2", "grpc", "kubernetes.io/h2c", "kubernetes.io/ws" -> Protocol.HTTP;
      case "tcp", "tls", "https", "mysql", "redis", "mongo", "kubernetes.io/wss" -> Protocol.TCP;
      default -> Protocol.UNKNOWN;
    };
  }
}
