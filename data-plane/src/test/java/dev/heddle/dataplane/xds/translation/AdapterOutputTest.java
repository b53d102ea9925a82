package dev.heddle.dataplane.xds.translation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

import com.google.protobuf.Any;
import com.google.protobuf.InvalidProtocolBufferException;
import io.envoyproxy.envoy.config.cluster.v3.Cluster;
import io.envoyproxy.envoy.config.endpoint.v3.ClusterLoadAssignment;
import io.envoyproxy.envoy.config.listener.v3.Listener;
import io.envoyproxy.envoy.config.route.v3.RouteConfiguration;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The proxy takes everything that the control plane's own golden files hold. */
final class AdapterOutputTest {

  private static final Path GOLDEN = Path.of("../smi-adapter/src/test/resources/translate");

  private final ResourceTranslator translator = new ResourceTranslator(SecretSource.WORKLOAD);

  static Stream<Path> goldenFiles() throws IOException {
    try (Stream<Path> files = Files.walk(GOLDEN)) {
      List<Path> found =
          files
              .filter(file ->
                  file.getFileName()
                      .toString()
                      .matches("out-(listeners|routes|clusters|endpoints)\\.yaml"))
              .sorted()
              .toList();
      assertThat(found).isNotEmpty();
      return found.stream();
    }
  }

  @ParameterizedTest
  @MethodSource("goldenFiles")
  void isAccepted(Path file) throws IOException {
    for (Any resource : YamlResources.all(Files.readString(file))) {
      assertThatCode(() -> translate(resource)).doesNotThrowAnyException();
    }
  }

  private void translate(Any resource) throws InvalidProtocolBufferException {
    if (resource.is(Listener.class)) {
      translator.listener(resource.unpack(Listener.class).getName(), resource);
    } else if (resource.is(RouteConfiguration.class)) {
      translator.routes(resource.unpack(RouteConfiguration.class).getName(), resource);
    } else if (resource.is(Cluster.class)) {
      translator.cluster(resource.unpack(Cluster.class).getName(), resource);
    } else {
      translator.endpoints(resource.unpack(ClusterLoadAssignment.class).getClusterName(), resource);
    }
  }
}
