package dev.heddle.dataplane.hostile.tool;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import dev.heddle.dataplane.AppServer;
import dev.heddle.dataplane.BootstrappedProxy;
import dev.heddle.dataplane.TlsFiles;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.w3c.dom.Element;
import org.w3c.dom.NodeList;

/**
 * h2spec, the conformance suite of HTTP/2 and HPACK, with its strict cases too: all of it, also
 * what Netty's own build leaves out.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class H2specIT {
  private static final int CASES = 145;
  private static final Duration LIMIT = Duration.ofMinutes(5);

  private Path h2spec;
  private AppServer app;
  private BootstrappedProxy proxy;

  @BeforeAll
  void start(@TempDir Path directory) throws Exception {
    h2spec = ExternalTool.go("h2spec", "github.com/summerwind/h2spec/cmd/h2spec");
    app = AppServer.start("A body of some length, for the cases about flow control.");
    proxy = BootstrappedProxy.start(directory, bootstrap(TlsFiles.write(directory), app.port()));
  }

  @AfterAll
  void close() {
    proxy.close();
    app.close();
  }

  @TestFactory
  Stream<DynamicTest> overCleartext() throws Exception {
    return cases("cleartext", List.of());
  }

  @TestFactory
  Stream<DynamicTest> overTls() throws Exception {
    return cases("tls", List.of("--tls", "--insecure"));
  }

  private Stream<DynamicTest> cases(String listener, List<String> options) throws Exception {
    Path report = ExternalTool.folder("h2spec").resolve(listener + ".xml");
    Files.deleteIfExists(report);
    List<String> command =
        new ArrayList<>(
            List.of(
                h2spec.toString(),
                "--strict",
                "--host",
                "127.0.0.1",
                "--port",
                Integer.toString(proxy.address(listener).getPort()),
                "--junit-report",
                report.toString()));
    command.addAll(options);
    String output = ExternalTool.run(LIMIT, command).output();
    assertThat(report).withFailMessage(output).exists();
    NodeList cases =
        DocumentBuilderFactory.newInstance()
            .newDocumentBuilder()
            .parse(report.toFile())
            .getElementsByTagName("testcase");
    assertThat(cases.getLength()).as("cases").isGreaterThanOrEqualTo(CASES);
    List<DynamicTest> tests = new ArrayList<>();
    for (int i = 0; i < cases.getLength(); i++) {
      Element one = (Element) cases.item(i);
      tests.add(
          dynamicTest(
              one.getAttribute("package") + " " + one.getAttribute("classname"),
              () -> assertPassed(one)));
    }
    return tests.stream();
  }

  private static void assertPassed(Element test) {
    for (String outcome : List.of("failure", "error", "skipped")) {
      NodeList found = test.getElementsByTagName(outcome);
      if (found.getLength() > 0) {
        throw new AssertionError(outcome + ": " + found.item(0).getTextContent());
      }
    }
  }

  private static String bootstrap(TlsFiles tls, int appPort) {
    String http =
        """
        [{name: http, typed_config: {
            "@type": type.googleapis.com/envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager,
            stat_prefix: h2spec, codec_type: HTTP2,
            route_config: {virtual_hosts: [{name: all, domains: ["*"], routes: [{match: {prefix: /}, route: {cluster: app}}]}]},
            http_filters: [{name: router, typed_config: {
              "@type": type.googleapis.com/envoy.extensions.filters.http.router.v3.Router}}]}}]\
        """;
    return """
    static_resources:
      listeners:
        - name: cleartext
          address: {socket_address: {address: 127.0.0.1, port_value: 0}}
          filter_chains: [{filters: %s}]
        - name: tls
          address: {socket_address: {address: 127.0.0.1, port_value: 0}}
          filter_chains:
            - filters: %s
              transport_socket: {name: tls, typed_config: {
                "@type": type.googleapis.com/envoy.extensions.transport_sockets.tls.v3.DownstreamTlsContext,
                common_tls_context: {
                  alpn_protocols: [h2],
                  tls_certificates: [{certificate_chain: {filename: "%s"}, private_key: {filename: "%s"}}]}}}
      clusters:
        - name: app
          type: STATIC
          load_assignment: {cluster_name: app, endpoints: [{lb_endpoints: [{endpoint: {
            address: {socket_address: {address: 127.0.0.1, port_value: %d}}}}]}]}
    """
        .formatted(http, http, tls.certificateChain(), tls.privateKey(), appPort);
  }
}
