package dev.heddle.dataplane;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.heddle.dataplane.bootstrap.BootstrapReader;
import dev.heddle.dataplane.settings.ProcessSettings;
import dev.heddle.dataplane.twin.StockEnvoy;
import dev.heddle.dataplane.twin.TwinCase;
import dev.heddle.dataplane.twin.TwinProxy;
import dev.heddle.dataplane.twin.Twins;
import dev.heddle.meshapi.process.LogLevel;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;

/** What a stock Envoy does by a bootstrap file, Heddle's proxy does by the same. */
final class TwinTest {

  private static final Path CASES = Path.of("src/test/resources/twin");

  @TempDir private Path directory;

  @TestFactory
  Stream<DynamicTest> behavesAsEnvoyDoes() throws Exception {
    List<TwinCase> cases = TwinCase.all(CASES);
    assertThat(cases).isNotEmpty();
    Path envoy = StockEnvoy.executable();
    List<Map.Entry<String, TwinProxy.Starter>> proxies =
        List.of(
            Map.entry("Envoy", (bootstrap, own) -> StockEnvoy.start(envoy, bootstrap, own)),
            Map.entry("Heddle", TwinTest::heddle));
    return cases.stream()
        .map(twin ->
            DynamicTest.dynamicTest(
                twin.name(),
                () ->
                    Twins.run(
                        twin, proxies, Files.createDirectories(directory.resolve(twin.name())))));
  }

  private static TwinProxy heddle(Path bootstrap, Path directory) throws Exception {
    var read = BootstrapReader.read(bootstrap);
    ProcessSettings settings =
        new ProcessSettings(1, false, LogLevel.INFO, Duration.ofSeconds(5), 0, read.admin());
    Proxy proxy = Proxy.standalone(settings, read);
    return new TwinProxy() {
      @Override
      public InetSocketAddress address(String listener) {
        return await().until(() -> proxy.address(listener), address -> address != null);
      }

      @Override
      public void close() {
        proxy.close();
      }
    };
  }
}
