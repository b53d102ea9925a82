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
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.cert.X509Certificate;
import java.time.Clock;
import java.time.Instant;
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
 * that certificate has changed, and each after an hour; connections made before go on with what
 * they began with.
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
    SessionResumption.prepare();
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
   * Terminates a client's TLS.
   *
   * @throws NoCertificateException if the workload has no valid certificate now
   * @throws SSLException if a configured certificate or key cannot be used
   */
  public TlsConnection server(ByteBufAllocator allocator, DownstreamTls tls)
      throws NoCertificateException, SSLException {
    Context context = context(new Server(tls), tls.certificate());
    SslHandler handler = context.context.newHandler(allocator);
    handler.setHandshakeTimeoutMillis(settings.handshakeTimeout().toMillis());
    return new TlsConnection(handler, context.verifier);
  }

  /**
   * Speaks TLS to an endpoint. The handshake has no timeout of its own.
   *
   * @param address of the endpoint, whose sessions are resumed for no other
   * @param protocol offered by ALPN; null for bytes
   * @throws NoCertificateException if the workload has no valid certificate now
   * @throws SSLException if a configured certificate or key cannot be used
   */
  public TlsConnection client(
      ByteBufAllocator allocator,
      UpstreamTls tls,
      @Nullable HttpProtocol protocol,
      InetSocketAddress address)
      throws NoCertificateException, SSLException {
    Context context = context(new Client(tls, protocol), tls.certificate());
    SslHandler handler =
        context.resumes()
            ? context.context.newHandler(
                allocator, address.getAddress().getHostAddress(), address.getPort())
            : context.context.newHandler(allocator);
    handler.setHandshakeTimeoutMillis(0);
    if (!tls.serverName().isEmpty()) {
      SSLParameters parameters = handler.engine().getSSLParameters();
      parameters.setServerNames(List.of(new SNIHostName(tls.serverName())));
      handler.engine().setSSLParameters(parameters);
    }
    return new TlsConnection(handler, context.verifier);
  }

  /** Releases all contexts; connections keep theirs until they end. */
  @Override
  public void close() {
    contexts.values().forEach(Context::release);
    contexts.clear();
  }

  private Context context(Key key, TlsCertificate certificate)
      throws NoCertificateException, SSLException {
    WorkloadCertificate workload =
        switch (certificate) {
          case TlsCertificate.Workload ignored -> currentCertificate();
          case TlsCertificate.Static ignored -> null;
        };
    Instant now = clock.instant();
    Context known = contexts.get(key);
    if (known != null && Objects.equals(known.workload, workload) && known.isFreshAt(now)) {
      return known;
    }
    @Nullable PeerVerifier verifier = verifier(key, workload);
    Context made = new Context(workload, verifier, build(key, workload, verifier), now);
    Context replaced = contexts.put(key, made);
    if (replaced != null) {
      replaced.release();
    }
    if (contexts.size() > settings.maxContexts()) {
      Context eldest = contexts.pollFirstEntry().getValue();
      eldest.release();
    }
    return made;
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

  private SslContext build(
      Key key, @Nullable WorkloadCertificate workload, @Nullable PeerVerifier verifier)
      throws SSLException {
    SslContextBuilder builder =
        switch (key) {
          case Server(DownstreamTls tls) -> server(tls, workload, verifier);
          case Client(UpstreamTls tls, HttpProtocol _) -> client(tls, workload, verifier);
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
    SessionResumption.configure(context);
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

  /** Null where nobody is verified: no certificate is asked for, or any is taken. */
  private @Nullable PeerVerifier verifier(Key key, @Nullable WorkloadCertificate workload)
      throws SSLException {
    return switch (key) {
      case Server(DownstreamTls tls) -> verifier(tls.certificate(), workload, List.of());
      case Client(UpstreamTls tls, HttpProtocol _) ->
          verifier(tls.certificate(), workload, tls.subjectAlternativeNames());
    };
  }

  private @Nullable PeerVerifier verifier(
      TlsCertificate certificate, @Nullable WorkloadCertificate workload, List<String> names)
      throws SSLException {
    return switch (certificate) {
      case TlsCertificate.Workload _ ->
          new PeerVerifier(present(workload).trustAnchors(), names, true, clock);
      case TlsCertificate.Static pem ->
          pem.trustAnchorsPem().isEmpty()
              ? null
              : new PeerVerifier(anchors(pem), names, false, clock);
    };
  }

  private static SslContextBuilder server(
      DownstreamTls tls, @Nullable WorkloadCertificate workload, @Nullable PeerVerifier verifier)
      throws SSLException {
    SslContextBuilder builder =
        switch (tls.certificate()) {
          case TlsCertificate.Workload _ -> {
            WorkloadCertificate own = present(workload);
            yield SslContextBuilder.forServer(own.privateKey(), own.chain());
          }
          case TlsCertificate.Static pem ->
              SslContextBuilder.forServer(
                  stream(pem.certificateChainPem()), stream(pem.privateKeyPem()));
        };
    if (verifier != null) {
      builder
          .trustManager(verifier)
          .clientAuth(tls.requireClientCertificate() ? ClientAuth.REQUIRE : ClientAuth.OPTIONAL);
    } else if (tls.requireClientCertificate()) {
      throw new SSLException(
          "client certificates are required, and no trust anchor is there to verify them");
    }
    return builder;
  }

  private static SslContextBuilder client(
      UpstreamTls tls, @Nullable WorkloadCertificate workload, @Nullable PeerVerifier verifier)
      throws SSLException {
    // The name of the host proves nothing here, and Netty would ask for it by default.
    SslContextBuilder builder = SslContextBuilder.forClient().endpointIdentificationAlgorithm(null);
    switch (tls.certificate()) {
      case TlsCertificate.Workload _ -> {
        WorkloadCertificate own = present(workload);
        builder.keyManager(own.privateKey(), own.chain());
      }
      case TlsCertificate.Static pem -> {
        if (!pem.certificateChainPem().isEmpty()) {
          builder.keyManager(stream(pem.certificateChainPem()), stream(pem.privateKeyPem()));
        }
      }
    }
    // An Envoy bootstrap without validation_context: encryption to whoever answers.
    return verifier == null
        ? builder.trustManager(InsecureTrustManagerFactory.INSTANCE)
        : builder.trustManager(verifier);
  }

  private static WorkloadCertificate present(@Nullable WorkloadCertificate workload)
      throws SSLException {
    if (workload == null) {
      throw new SSLException("a context of the workload without its certificate");
    }
    return workload;
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

  /** With the keys of its tickets, or the sessions it may resume; both end with it. */
  private record Context(
      @Nullable WorkloadCertificate workload,
      @Nullable PeerVerifier verifier,
      SslContext context,
      Instant made) {

    boolean isFreshAt(Instant time) {
      return !time.isBefore(made) && time.isBefore(made.plus(SessionResumption.LONGEST));
    }

    boolean resumes() {
      return context.sessionContext() instanceof OpenSslSessionContext;
    }

    void release() {
      ReferenceCountUtil.release(context);
    }
  }
}
