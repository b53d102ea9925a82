package dev.heddle.dataplane.tls;

import static dev.heddle.dataplane.loopback.Configurations.loopback;
import static dev.heddle.dataplane.loopback.Configurations.meshTls;
import static org.assertj.core.api.Assertions.assertThat;

import dev.heddle.dataplane.config.DownstreamTls;
import dev.heddle.dataplane.config.TlsCertificate;
import dev.heddle.dataplane.config.UpstreamTls;
import dev.heddle.dataplane.connection.HttpProtocol;
import dev.heddle.dataplane.loopback.MeshAuthority;
import dev.heddle.meshapi.identity.Pem;
import dev.heddle.meshapi.identity.WorkloadCertificate;
import io.netty.buffer.UnpooledByteBufAllocator;
import java.net.InetSocketAddress;
import java.security.cert.CertificateEncodingException;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Which sessions are resumed, and that resuming one opens no door that a full handshake closes. */
final class SessionResumptionTest {
  private static final InetSocketAddress ENDPOINT = loopback(8443);
  private static final List<String> HTTP = List.of("h2", "http/1.1");
  private static final DownstreamTls INBOUND =
      new DownstreamTls(new TlsCertificate.Workload(), true, HTTP);

  private final MeshAuthority authority = MeshAuthority.create();
  private final MovableClock clientClock = new MovableClock();
  private final MovableClock serverClock = new MovableClock();
  private final AtomicReference<@Nullable WorkloadCertificate> clientCertificate =
      new AtomicReference<>(authority.issue("client"));
  private final AtomicReference<@Nullable WorkloadCertificate> serverCertificate =
      new AtomicReference<>(authority.issue("server"));
  private final TlsContexts clients =
      new TlsContexts(clientCertificate::get, TlsSettings.DEFAULT, clientClock);
  private final TlsContexts servers =
      new TlsContexts(serverCertificate::get, TlsSettings.DEFAULT, serverClock);

  @BeforeEach
  void firstConnection() throws Exception {
    TlsHandshake first = handshake(meshTls("server"));
    assertThat(first.trusted()).isTrue();
    assertThat(first.resumed()).isFalse();
  }

  @AfterEach
  void end() {
    clients.close();
    servers.close();
  }

  @Test
  void aKnownPeerResumesAgainAndAgain() throws Exception {
    for (int i = 0; i < 5; i++) {
      TlsHandshake again = handshake(meshTls("server"));
      assertThat(again.resumed()).isTrue();
      assertThat(again.trusted()).isTrue();
    }
  }

  @Test
  void whoMayResumeIsKnownAsInTheFirstHandshake() throws Exception {
    TlsConnection client = client(meshTls("server"), ENDPOINT);
    TlsConnection server = servers.server(UnpooledByteBufAllocator.DEFAULT, INBOUND);

    assertThat(TlsHandshake.between(client, server).resumed()).isTrue();

    assertThat(TlsPeer.identity(server.handler())).isEqualTo(MeshAuthority.id("client"));
    assertThat(TlsPeer.identity(client.handler())).isEqualTo(MeshAuthority.id("server"));
  }

  @Test
  void aClientWhoseCertificateHasExpiredSinceIsRefused() throws Exception {
    clientCertificate.set(authority.issue("client", Duration.ofMinutes(10)));
    assertThat(handshake(meshTls("server")).trusted()).isTrue();
    serverClock.advance(Duration.ofMinutes(11)); // The client does not know how late it is.

    TlsHandshake late = handshake(meshTls("server"));

    assertThat(late.resumed()).isTrue();
    assertThat(late.serverRefusal()).hasStackTraceContaining("validity check failed");
  }

  @Test
  void aServerWhoseCertificateHasExpiredSinceIsRefused() throws Exception {
    serverCertificate.set(authority.issue("server", Duration.ofMinutes(10)));
    assertThat(handshake(meshTls("server")).trusted()).isTrue();
    clientClock.advance(Duration.ofMinutes(11));

    TlsHandshake late = handshake(meshTls("server"));

    assertThat(late.resumed()).isTrue();
    assertThat(late.clientRefusal()).hasStackTraceContaining("validity check failed");
  }

  @Test
  void anAuthorityThatTheServerTrustsNoLongerIsRefused() throws Exception {
    serverCertificate.set(authority.issue("server", List.of(MeshAuthority.create().root())));

    TlsHandshake next = handshake(meshTls("server"));

    assertThat(next.resumed()).isFalse();
    assertThat(next.serverRefusal()).isNotNull();
  }

  @Test
  void anAuthorityThatTheClientTrustsNoLongerIsRefused() throws Exception {
    clientCertificate.set(authority.issue("client", List.of(MeshAuthority.create().root())));

    assertThat(handshake(meshTls("server")).clientRefusal()).isNotNull();
  }

  @Test
  void aRenewedCertificateIsShown() throws Exception {
    clientCertificate.set(authority.issue("client"));
    TlsHandshake ofRenewed = handshake(meshTls("server"));
    assertThat(ofRenewed.resumed()).isFalse();
    assertThat(ofRenewed.trusted()).isTrue();

    serverCertificate.set(authority.issue("server"));
    TlsHandshake withRenewed = handshake(meshTls("server"));
    assertThat(withRenewed.resumed()).isFalse();
    assertThat(withRenewed.trusted()).isTrue();
  }

  @Test
  void theIdentityThatAnotherClusterExpectsIsAskedFor() throws Exception {
    assertThat(handshake(meshTls("somebody-else")).clientRefusal())
        .hasRootCauseInstanceOf(IdentityMismatchException.class);
  }

  @Test
  void aSessionIsOfOneServerName() throws Exception {
    UpstreamTls known = meshTls("server");
    UpstreamTls other =
        new UpstreamTls(
            known.certificate(),
            "other." + known.serverName(),
            known.subjectAlternativeNames(),
            known.applicationProtocols());

    assertThat(handshake(other).resumed()).isFalse();
    assertThat(handshake(known).resumed()).isTrue();
    assertThat(handshake(other).resumed()).isTrue();
  }

  @Test
  void aSessionIsOfOneEndpoint() throws Exception {
    InetSocketAddress other = loopback(ENDPOINT.getPort() + 1);

    assertThat(handshake(client(meshTls("server"), other), INBOUND).resumed()).isFalse();
    assertThat(handshake(client(meshTls("server"), other), INBOUND).resumed()).isTrue();
  }

  @Test
  void aSessionOfOneFilterChainIsNoneOfAnotherWithOtherAnchors() throws Exception {
    MeshAuthority others = MeshAuthority.create();
    DownstreamTls ofAuthority = inbound(authority.root(), true);
    DownstreamTls ofOthers = inbound(others.root(), true);
    UpstreamTls anyServer = ofAnyServer(authority.issue("client"));
    assertThat(handshake(client(anyServer, ENDPOINT), ofAuthority).trusted()).isTrue();
    assertThat(handshake(client(anyServer, ENDPOINT), ofAuthority).resumed()).isTrue();

    TlsHandshake elsewhere = handshake(client(anyServer, ENDPOINT), ofOthers);

    assertThat(elsewhere.resumed()).isFalse();
    assertThat(elsewhere.serverRefusal()).isNotNull();
  }

  @Test
  void aSessionWithoutACertificateIsNoneWhereOneIsRequired() throws Exception {
    UpstreamTls nobody = ofAnyServer(null);
    DownstreamTls optional = inbound(authority.root(), false);
    assertThat(handshake(client(nobody, ENDPOINT), optional).trusted()).isTrue();
    TlsConnection server = servers.server(UnpooledByteBufAllocator.DEFAULT, optional);
    assertThat(TlsHandshake.between(client(nobody, ENDPOINT), server).trusted()).isTrue();
    assertThat(TlsPeer.identity(server.handler())).isNull();

    TlsHandshake required = handshake(client(nobody, ENDPOINT), inbound(authority.root(), true));

    assertThat(required.serverRefusal()).isNotNull();
  }

  @Test
  void anOutsiderGetsNoSession() throws Exception {
    clientCertificate.set(MeshAuthority.create().issue("client", List.of(authority.root())));

    for (int i = 0; i < 3; i++) {
      TlsHandshake refused = handshake(meshTls("server"));
      assertThat(refused.resumed()).isFalse();
      assertThat(refused.serverRefusal()).isNotNull();
    }
  }

  @Test
  void noSessionIsOlderThanAnHour() throws Exception {
    clientCertificate.set(authority.issue("client", Duration.ofHours(3)));
    serverCertificate.set(authority.issue("server", Duration.ofHours(3)));
    assertThat(handshake(meshTls("server")).trusted()).isTrue();
    assertThat(handshake(meshTls("server")).resumed()).isTrue();

    serverClock.advance(SessionResumption.LONGEST);

    TlsHandshake late = handshake(meshTls("server"));
    assertThat(late.resumed()).isFalse();
    assertThat(late.trusted()).isTrue();
  }

  @Test
  void theJdksTlsForBytesResumesNothing() throws Exception {
    DownstreamTls bytes = new DownstreamTls(new TlsCertificate.Workload(), true, List.of());
    for (int i = 0; i < 2; i++) {
      TlsHandshake handshake =
          handshake(
              clients.client(UnpooledByteBufAllocator.DEFAULT, meshTls("server"), null, ENDPOINT),
              bytes);
      assertThat(handshake.trusted()).isTrue();
      assertThat(handshake.resumed()).isFalse();
    }
  }

  private TlsHandshake handshake(UpstreamTls tls) throws Exception {
    return handshake(client(tls, ENDPOINT), INBOUND);
  }

  private TlsHandshake handshake(TlsConnection client, DownstreamTls inbound) throws Exception {
    return TlsHandshake.between(client, servers.server(UnpooledByteBufAllocator.DEFAULT, inbound));
  }

  private TlsConnection client(UpstreamTls tls, InetSocketAddress address) throws Exception {
    return clients.client(UnpooledByteBufAllocator.DEFAULT, tls, HttpProtocol.HTTP1, address);
  }

  private DownstreamTls inbound(X509Certificate anchor, boolean requireClientCertificate)
      throws CertificateEncodingException {
    return new DownstreamTls(
        pem(authority.issue("edge"), List.of(anchor)), requireClientCertificate, HTTP);
  }

  /** A client that would take a ticket from one server to any other. */
  private static UpstreamTls ofAnyServer(@Nullable WorkloadCertificate own)
      throws CertificateEncodingException {
    TlsCertificate certificate =
        own == null ? new TlsCertificate.Static("", "", "") : pem(own, List.of());
    return new UpstreamTls(certificate, "", List.of(), List.of());
  }

  private static TlsCertificate.Static pem(
      WorkloadCertificate certificate, List<X509Certificate> anchors)
      throws CertificateEncodingException {
    return new TlsCertificate.Static(
        Pem.encodeCertificates(certificate.chain()),
        Pem.encodePrivateKey(certificate.privateKey()),
        anchors.isEmpty() ? "" : Pem.encodeCertificates(anchors));
  }
}
