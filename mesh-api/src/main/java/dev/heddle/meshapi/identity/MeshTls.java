package dev.heddle.meshapi.identity;

import io.grpc.netty.GrpcSslContexts;
import io.netty.handler.ssl.ClientAuth;
import io.netty.handler.ssl.OpenSslSessionContext;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslProvider;
import java.security.cert.X509Certificate;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import javax.net.ssl.SSLException;

/**
 * TLS 1.3 of Heddle's own gRPC. Certificates and trust anchors are asked for at every handshake, so
 * a context lives as long as its process while both rotate.
 *
 * <p>A server's provider is the JDK's: these are a handful of long connections, where BoringSSL
 * would save nothing and would make the CA and the adapter carry a native library. A client takes
 * BoringSSL where it is there anyway, in the proxy: the JDK's own TLS then is not loaded at all,
 * which saves the proxy memory and a part of its start.
 */
public final class MeshTls {
  private static final String PROTOCOL = "TLSv1.3";

  /**
   * A resumed session skips verification of the peer's certificate, so resumption is kept short.
   */
  private static final long SESSION_TIMEOUT_SECONDS = 60;

  private MeshTls() {}

  /**
   * The client's side, without a certificate of its own: how the CA is asked for the first one.
   *
   * @param server the only identity that is accepted
   */
  public static SslContext clientWithoutCertificate(
      Supplier<? extends Collection<X509Certificate>> trustAnchors, SpiffeId server)
      throws SSLException {
    return client(Optional::empty, trustAnchors, server);
  }

  /**
   * The client's side of mutual TLS.
   *
   * @param identity what the client proves itself with and trusts by
   * @param server the only identity that is accepted
   */
  public static SslContext client(Supplier<Optional<WorkloadCertificate>> identity, SpiffeId server)
      throws SSLException {
    return client(identity, () -> anchorsOf(identity), server);
  }

  /**
   * The server's side of mutual TLS: a client must prove an identity of the trust domain. Which one
   * it is the service learns from {@link CallerIdentity}.
   *
   * @param identity what the server proves itself with and trusts by
   */
  public static SslContext server(
      Supplier<Optional<WorkloadCertificate>> identity, String trustDomain) throws SSLException {
    PeerTrust trust =
        new PeerTrust(
            () -> anchorsOf(identity),
            id -> id.trustDomain().equals(trustDomain),
            "an identity of trust domain " + trustDomain);
    return configure(
            SslContextBuilder.forServer(new CurrentKey(identity))
                .trustManager(trust)
                .clientAuth(ClientAuth.REQUIRE),
            SslProvider.JDK)
        .build();
  }

  /**
   * The server's side of one-way TLS, where callers prove themselves by a token.
   *
   * @param identity what the server proves itself with
   */
  public static SslContext serverWithoutClientCertificates(
      Supplier<Optional<WorkloadCertificate>> identity) throws SSLException {
    return configure(SslContextBuilder.forServer(new CurrentKey(identity)), SslProvider.JDK)
        .build();
  }

  private static SslContext client(
      Supplier<Optional<WorkloadCertificate>> identity,
      Supplier<? extends Collection<X509Certificate>> trustAnchors,
      SpiffeId server)
      throws SSLException {
    PeerTrust trust = new PeerTrust(trustAnchors, server::equals, server.toString());
    SslContext context =
        configure(
                SslContextBuilder.forClient()
                    .keyManager(new CurrentKey(identity))
                    .trustManager(trust),
                SslProvider.isAlpnSupported(SslProvider.OPENSSL)
                    ? SslProvider.OPENSSL
                    : SslProvider.JDK)
            .build();
    if (context.sessionContext() instanceof OpenSslSessionContext sessions) {
      // One long connection gains nothing from it.
      sessions.setSessionCacheEnabled(false);
    }
    return context;
  }

  private static SslContextBuilder configure(SslContextBuilder builder, SslProvider provider) {
    return GrpcSslContexts.configure(builder, provider)
        .protocols(PROTOCOL)
        .sessionTimeout(SESSION_TIMEOUT_SECONDS);
  }

  private static List<X509Certificate> anchorsOf(Supplier<Optional<WorkloadCertificate>> identity) {
    return identity.get().map(WorkloadCertificate::trustAnchors).orElse(List.of());
  }
}
