package dev.heddle.dataplane;

import dev.heddle.dataplane.config.TlsCertificate;
import dev.heddle.dataplane.config.UpstreamTls;
import io.grpc.netty.GrpcSslContexts;
import io.netty.handler.ssl.OpenSslSessionContext;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import java.io.ByteArrayInputStream;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;

/** TLS towards a control plane by what a bootstrap file says. */
final class StaticTls {

  private StaticTls() {}

  /** Null for plaintext. The server must also prove the host name it is reached by. */
  static @Nullable SslContext client(@Nullable UpstreamTls tls) throws StartException {
    if (tls == null) {
      return null;
    }
    switch (tls.certificate()) {
      case TlsCertificate.Workload _ ->
          throw new StartException(
              "The control plane's cluster asks for the workload's certificate, which only a"
                  + " proxy in a pod has.",
              null);
      case TlsCertificate.Static files -> {
        if (!tls.subjectAlternativeNames().isEmpty()) {
          throw new StartException(
              "The control plane's cluster has match_typed_subject_alt_names "
                  + tls.subjectAlternativeNames()
                  + " (expected: none, its host name is verified).",
              null);
        }
        try {
          SslContextBuilder builder = GrpcSslContexts.forClient();
          if (!files.trustAnchorsPem().isEmpty()) {
            builder.trustManager(stream(files.trustAnchorsPem()));
          }
          if (!files.certificateChainPem().isEmpty()) {
            builder.keyManager(stream(files.certificateChainPem()), stream(files.privateKeyPem()));
          }
          SslContext context = builder.build();
          if (context.sessionContext() instanceof OpenSslSessionContext sessions) {
            // A resumed session would skip the verification of the server.
            sessions.setSessionCacheEnabled(false);
          }
          return context;
        } catch (SSLException | IllegalArgumentException e) {
          throw new StartException(
              "The TLS settings of the control plane's cluster cannot be used: " + e.getMessage(),
              e);
        }
      }
    }
  }

  private static InputStream stream(String pem) {
    return new ByteArrayInputStream(pem.getBytes(StandardCharsets.UTF_8));
  }
}
