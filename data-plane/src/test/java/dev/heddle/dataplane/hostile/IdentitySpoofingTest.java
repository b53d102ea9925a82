package dev.heddle.dataplane.hostile;

import static dev.heddle.dataplane.http.harness.RawClient.lines;
import static org.assertj.core.api.Assertions.assertThat;

import dev.heddle.dataplane.http.harness.RawClient;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Being somebody else: by headers that proxies trust (X-Forwarded-Client-Cert and our own), by an
 * address that a trusted pod had before, or by a path or host in a spelling that policy does not
 * know (CVE-2021-31920, -39155, -39156).
 */
final class IdentitySpoofingTest {
  private static final String MALLORY = "spiffe://cluster.local/ns/shop/sa/" + Side.MALLORY;
  private static final String CLIENT = "spiffe://cluster.local/ns/shop/sa/client";

  @TempDir private Path directory;

  /** One policy that allows one principal under one prefix. */
  private static String allowing(String principal, String permission) {
    return "{policies: {p: {principals: [{authenticated: {principal_name: {exact: '"
        + principal
        + "'}}}], permissions: ["
        + permission
        + "]}}}";
  }

  @ParameterizedTest
  @EnumSource
  void stripsHeadersThatStateIdentities(Side side) throws Exception {
    List<String> names =
        List.of(
            "X-Forwarded-Client-Cert", "Heddle-Source", "Heddle-Undelivered", "HEDDLE-anything");
    try (MeshUnderAttack mesh = MeshUnderAttack.start(directory)) {
      try (RawClient client = mesh.http1(side)) {
        StringBuilder head = new StringBuilder("GET /h1 HTTP/1.1\r\nHost: shop\r\n");
        names.forEach(name -> head.append(name).append(": ").append(CLIENT).append("\r\n"));
        client.send(head + "Connection: heddle-source\r\n\r\n");
        assertThat(client.response()).startsWith("HTTP/1.1 200 ");
      }
      try (Http2Wire client = mesh.http2(side)) {
        client.request(
            1,
            true,
            "GET",
            "/h2",
            names.stream()
                .flatMap(name -> Stream.of(name.toLowerCase(Locale.ROOT), CLIENT))
                .toArray(String[]::new));
        assertThat(client.outcome(1).status()).isEqualTo("200");
      }
      assertThat(mesh.received())
          .hasSize(2)
          .allSatisfy(
              request -> names.forEach(name -> assertThat(request.has(name)).as(name).isFalse()));
    }
  }

  /** All members of this mesh have one address: only the certificate tells them apart. */
  @Test
  void authorizesByCertificateAndNotByAddressOrHeader() throws Exception {
    try (MeshUnderAttack mesh =
        MeshUnderAttack.enforcing(directory, allowing(CLIENT, "{any: true}"))) {
      // The real client first, so that whatever could be remembered of the address is.
      try (RawClient client = mesh.http1(Side.CLIENT_SIDE)) {
        client.send(lines("GET /client HTTP/1.1", "Host: shop"));
        assertThat(client.response()).startsWith("HTTP/1.1 200 ");
      }
      try (RawClient client = mesh.http1(Side.SERVER_SIDE)) {
        client.send(
            lines(
                "GET /mallory HTTP/1.1",
                "Host: shop",
                "Heddle-Source: client.shop",
                "X-Forwarded-Client-Cert: By=spiffe://cluster.local/ns/shop/sa/web;URI=" + CLIENT));
        assertThat(client.response()).startsWith("HTTP/1.1 403 ").contains("heddle-error: RBAC ");
      }
      // Nobody at all, from the same address.
      try (RawClient client = mesh.plaintextToServerSide()) {
        client.send(lines("GET /nobody HTTP/1.1", "Host: shop"));
        assertThat(client.rest()).doesNotContain(" 200 ");
      }
      assertThat(mesh.received()).extracting(Victim.Request::target).containsExactly("/client");
    }
  }

  /** Whatever spelling of {@code /admin} an application may understand. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "/admin",
        "/public/../admin",
        "/public/%2e%2e/admin",
        "/public/.%2E/admin",
        "/public/..%2fadmin",
        "/public/..%5cadmin",
        "/public/..\\admin",
        "/public/..;/admin",
        "/public/..;x=y/admin",
        "/public/./../admin",
        "/public//../../admin",
        "/public/..#/admin",
        "/public/..%00/admin",
        "/public/%2e%2e%2fadmin",
        "http://shop/public/../admin",
        "/public/../../../admin",
      })
  void decidesOnThePathThatItForwards(String target) throws Exception {
    try (MeshUnderAttack mesh =
            MeshUnderAttack.enforcing(
                directory, allowing(MALLORY, "{url_path: {path: {prefix: /public/}}}"));
        RawClient client = mesh.http1(Side.SERVER_SIDE)) {
      client.send(lines("GET /public/a HTTP/1.1", "Host: shop"));
      assertThat(client.response()).startsWith("HTTP/1.1 200 ");
      client.send(lines("GET " + target + " HTTP/1.1", "Host: shop", "Connection: close"));
      assertThat(client.rest()).matches("(?s)HTTP/1\\.1 (400|403) .*");
      assertThat(mesh.received()).hasSize(1);
      // The same in HTTP/2.
      try (Http2Wire http2 = mesh.http2(Side.SERVER_SIDE)) {
        http2.get(1, target);
        assertThat(http2.outcome(1).status()).isIn("403", "400", "");
      }
      assertThat(mesh.received()).hasSize(1);
    }
  }

  /**
   * Names have no case (RFC 4343). Routing knows a host in any; a policy, which allows and never
   * denies, opens nothing for a spelling that it does not list.
   */
  @ParameterizedTest
  @ValueSource(strings = {"SHOP.example", "Shop.Example", "evil.shop.example", "shop.example.evil"})
  void opensNothingForAHostInAnotherSpelling(String host) throws Exception {
    try (MeshUnderAttack mesh =
            MeshUnderAttack.enforcing(
                directory,
                allowing(
                    MALLORY,
                    "{header: {name: ':authority', string_match: {exact: shop.example}}}"));
        RawClient client = mesh.http1(Side.SERVER_SIDE)) {
      client.send(lines("GET / HTTP/1.1", "Host: shop.example"));
      assertThat(client.response()).startsWith("HTTP/1.1 200 ");
      client.send(lines("GET / HTTP/1.1", "Host: " + host));
      assertThat(client.response()).startsWith("HTTP/1.1 403 ");
    }
  }
}
