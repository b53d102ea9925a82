package dev.heddle.dataplane.tls;

import dev.heddle.dataplane.config.DownstreamTls;
import dev.heddle.dataplane.config.TlsCertificate;
import dev.heddle.dataplane.config.UpstreamTls;
import dev.heddle.dataplane.connection.HttpProtocol;
import dev.heddle.meshapi.identity.Pem;
import dev.heddle.meshapi.identity.WorkloadCertificate;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.UnpooledByteBufAllocator;
import io.netty.handler.ssl.ApplicationProtocolConfig;
import io.netty.handler.ssl.ClientAuth;
import io.netty.handler.ssl.OpenSsl;
import io.netty.handler.ssl.OpenSslContextOption;
import io.netty.handler.ssl.OpenSslSessionContext;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslHandler;
import io.netty.handler.ssl.SslProvider;
import io.netty.handler.ssl.util.InsecureTrustManagerFactory;
import io.netty.util.ReferenceCountUtil;
import java.io.ByteArrayInputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.cert.X509Certificate;
import java.time.Clock;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Objects;
import java.util.function.Supplier;
import javax.net.ssl.SNIHostName;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLParameters;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The TLS contexts of one event loop. A context of the workload's certificate is made anew when
 * that certificate has changed; connections made before go on with what they began with.
 *
 * <p>HTTP, which is told by ALPN, runs on BoringSSL. Bytes run on the JDK's TLS, because a TCP
 * connection may be closed in one direction and go on in the other, and Netty's BoringSSL engine
 * answers a close_notify by closing both (ReferenceCountedOpenSslEngine.closeAll).
 */
public final class TlsContexts implements AutoCloseable {
  private static final Logger LOGGER = LoggerFactory.getLogger(TlsContexts.class);

  /** ML-KEM hybrid first: what is recorded today stays secret from tomorrow's machines. */
  private static final String[] GROUPS = {"X25519MLKEM768", "X25519", "P-256"};

  static {
    SessionResumption.disable();
    if (!OpenSsl.isAvailable()) {
      LOGGER
          .atWarn()
          .setCause(OpenSsl.unavailabilityCause())
          .log("no BoringSSL here: TLS by the JDK, at a higher cost");
    }
  }

  private final Supplier<? extends @Nullable WorkloadCertificate> workloadCertificate;
  private final TlsSettings settings;
  private final Clock clock;
  private final LinkedHashMap<Key, Context> contexts = new LinkedHashMap<>(16, 0.75f, true);

  /**
   * @param workloadCertificate the current one; null while there is none. Callable on any thread
   */
  public TlsContexts(
      Supplier<? extends @Nullable WorkloadCertificate> workloadCertificate,
      TlsSettings settings,
      Clock clock) {
    this.workloadCertificate = workloadCertificate;
    this.settings = settings;
    this.clock = clock;
  }

  /**
   * A handler that terminates a client's TLS.
   *
   * @throws NoCertificateException if the workload has no valid certificate now
   * @throws SSLException if a configured certificate or key cannot be used
   */
  public SslHandler server(ByteBufAllocator allocator, DownstreamTls tls)
      throws NoCertificateException, SSLException {
    SslHandler handler = context(new Server(tls), tls.certificate()).newHandler(allocator);
    handler.setHandshakeTimeoutMillis(settings.handshakeTimeout().toMillis());
    return handler;
  }

  /**
   * A handler that speaks TLS to an endpoint. It has no handshake timeout of its own.
   *
   * @param protocol offered by ALPN; null for bytes
   * @throws NoCertificateException if the workload has no valid certificate now
   * @throws SSLException if a configured certificate or key cannot be used
   */
  public SslHandler client(
      ByteBufAllocator allocator, UpstreamTls tls, @Nullable HttpProtocol protocol)
      throws NoCertificateException, SSLException {
    SslHandler handler =
        context(new Client(tls, protocol), tls.certificate()).newHandler(allocator);
    handler.setHandshakeTimeoutMillis(0);
    if (!tls.serverName().isEmpty()) {
      SSLParameters parameters = handler.engine().getSSLParameters();
      parameters.setServerNames(List.of(new SNIHostName(tls.serverName())));
      handler.engine().setSSLParameters(parameters);
    }
    return handler;
  }

  /** Releases all contexts; connections keep theirs until they end. */
  @Override
  public void close() {
    contexts.values().forEach(Context::release);
    contexts.clear();
  }

  private SslContext context(Key key, TlsCertificate certificate)
      throws NoCertificateException, SSLException {
    WorkloadCertificate workload =
        switch (certificate) {
          case TlsCertificate.Workload ignored -> currentCertificate();
          case TlsCertificate.Static ignored -> null;
        };
    Context known = contexts.get(key);
    if (known != null && Objects.equals(known.workload, workload)) {
      return known.context;
    }
    Context made = new Context(workload, build(key, workload));
    Context replaced = contexts.put(key, made);
    if (replaced != null) {
      replaced.release();
    }
    if (contexts.size() > settings.maxContexts()) {
      Context eldest = contexts.pollFirstEntry().getValue();
      eldest.release();
    }
    return made.context;
  }

  private WorkloadCertificate currentCertificate() throws NoCertificateException {
    WorkloadCertificate certificate = workloadCertificate.get();
    if (certificate == null) {
      throw new NoCertificateException("this workload has no certificate yet");
    }
    if (!certificate.isValidAt(clock.instant())) {
      throw new NoCertificateException(
          "the certificate of this workload is valid from "
              + certificate.notBefore()
              + " to "
              + certificate.notAfter()
              + ", not now");
    }
    return certificate;
  }

  private SslContext build(Key key, @Nullable WorkloadCertificate workload) throws SSLException {
    SslContextBuilder builder =
        switch (key) {
          case Server(DownstreamTls tls) -> server(tls, workload);
          case Client(UpstreamTls tls, HttpProtocol protocol) -> client(tls, workload);
        };
    List<String> protocols = key.applicationProtocols();
    boolean boringSsl = !protocols.isEmpty() && OpenSsl.isAvailable();
    builder.sslProvider(boringSsl ? SslProvider.OPENSSL_REFCNT : SslProvider.JDK);
    if (boringSsl) {
      builder.option(OpenSslContextOption.GROUPS, GROUPS);
    }
    if (workload == null) {
      builder.protocols("TLSv1.3", "TLSv1.2");
    } else {
      builder.protocols("TLSv1.3");
    }
    if (!protocols.isEmpty()) {
      builder.applicationProtocolConfig(
          new ApplicationProtocolConfig(
              ApplicationProtocolConfig.Protocol.ALPN,
              ApplicationProtocolConfig.SelectorFailureBehavior.NO_ADVERTISE,
              ApplicationProtocolConfig.SelectedListenerFailureBehavior.ACCEPT,
              protocols));
    }
    SslContext context = builder.build();
    if (!boringSsl && key instanceof Client) {
      writeOneHello(context);
    }
    if (context.sessionContext() instanceof OpenSslSessionContext sessions) {
      sessions.setSessionCacheEnabled(false);
    }
    return context;
  }

  /**
   * Loads what the JDK's TLS needs for a ClientHello now, and not between connecting and sending
   * it: the peer would take a client that lets it wait for one that is silent.
   */
  private static void writeOneHello(SslContext context) throws SSLException {
    SSLEngine engine = context.newEngine(UnpooledByteBufAllocator.DEFAULT);
    engine.wrap(
        ByteBuffer.allocate(0), ByteBuffer.allocate(engine.getSession().getPacketBufferSize()));
  }

  private SslContextBuilder server(DownstreamTls tls, @Nullable WorkloadCertificate workload)
      throws SSLException {
    return switch (tls.certificate()) {
      case TlsCertificate.Workload ignored when workload != null ->
          SslContextBuilder.forServer(workload.privateKey(), workload.chain())
              .trustManager(new PeerVerifier(workload.trustAnchors(), List.of(), true, clock))
              .clientAuth(
                  tls.requireClientCertificate() ? ClientAuth.REQUIRE : ClientAuth.OPTIONAL);
      case TlsCertificate.Workload ignored ->
          throw new SSLException("a context of the workload without its certificate");
      case TlsCertificate.Static pem -> {
        SslContextBuilder builder =
            SslContextBuilder.forServer(
                stream(pem.certificateChainPem()), stream(pem.privateKeyPem()));
        if (!pem.trustAnchorsPem().isEmpty()) {
          builder
              .trustManager(new PeerVerifier(anchors(pem), List.of(), false, clock))
              .clientAuth(
                  tls.requireClientCertificate() ? ClientAuth.REQUIRE : ClientAuth.OPTIONAL);
        } else if (tls.requireClientCertificate()) {
          throw new SSLException(
              "client certificates are required, and no trust anchor is there to verify them");
        }
        yield builder;
      }
    };
  }

  private SslContextBuilder client(UpstreamTls tls, @Nullable WorkloadCertificate workload)
      throws SSLException {
    // The name of the host proves nothing here, and Netty would ask for it by default.
    SslContextBuilder builder = SslContextBuilder.forClient().endpointIdentificationAlgorithm(null);
    List<String> names = tls.subjectAlternativeNames();
    switch (tls.certificate()) {
      case TlsCertificate.Workload ignored -> {
        if (workload == null) {
          throw new SSLException("a context of the workload without its certificate");
        }
        builder
            .keyManager(workload.privateKey(), workload.chain())
            .trustManager(new PeerVerifier(workload.trustAnchors(), names, true, clock));
      }
      case TlsCertificate.Static pem -> {
        if (!pem.certificateChainPem().isEmpty()) {
          builder.keyManager(stream(pem.certificateChainPem()), stream(pem.privateKeyPem()));
        }
        if (pem.trustAnchorsPem().isEmpty()) {
          // An Envoy bootstrap without validation_context: encryption to whoever answers.
          builder.trustManager(InsecureTrustManagerFactory.INSTANCE);
        } else {
          builder.trustManager(new PeerVerifier(anchors(pem), names, false, clock));
        }
      }
    }
    return builder;
  }

  private static List<X509Certificate> anchors(TlsCertificate.Static pem) throws SSLException {
    try {
      return Pem.certificates(pem.trustAnchorsPem());
    } catch (GeneralSecurityException e) {
      throw new SSLException("trust anchors: " + e.getMessage(), e);
    }
  }

  private static ByteArrayInputStream stream(String pem) {
    return new ByteArrayInputStream(pem.getBytes(StandardCharsets.US_ASCII));
  }

  /** What a context is made for. */
  private sealed interface Key {
    List<String> applicationProtocols();
  }

  private record Server(DownstreamTls tls) implements Key {
    @Override
    public List<String> applicationProtocols() {
      return tls.applicationProtocols();
    }
  }

  private record Client(UpstreamTls tls, @Nullable HttpProtocol protocol) implements Key {
    @Override
    public List<String> applicationProtocols() {
      return switch (protocol) {
        case HTTP1 -> List.of("http/1.1");
        case HTTP2 -> List.of("h2");
        case null ->
            // Between proxies the lack of ALPN says that these are bytes.
            tls.certificate() instanceof TlsCertificate.Workload
                ? List.of()
                : tls.applicationProtocols();
      };
    }
  }

  private record Context(@Nullable WorkloadCertificate workload, SslContext context) {
    void release() {
      ReferenceCountUtil.release(context);
    }
  }
}
