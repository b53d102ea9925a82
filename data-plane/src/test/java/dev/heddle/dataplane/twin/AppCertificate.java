package dev.heddle.dataplane.twin;

import dev.heddle.dataplane.TlsFiles;
import dev.heddle.meshapi.identity.Pem;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.security.cert.Certificate;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import org.jspecify.annotations.Nullable;

/** What apps that speak TLS show their clients, made when the first one asks. */
final class AppCertificate {

  private final Path directory;
  private @Nullable SSLContext context;

  AppCertificate(Path directory) {
    this.directory = directory;
  }

  ServerSocket serverSocket() throws IOException {
    SSLContext known = context;
    if (known == null) {
      try {
        known = context(TlsFiles.write(directory));
      } catch (IOException | RuntimeException e) {
        throw e;
      } catch (Exception e) {
        throw new IOException(e);
      }
      context = known;
    }
    return known
        .getServerSocketFactory()
        .createServerSocket(0, 50, InetAddress.getLoopbackAddress());
  }

  private static SSLContext context(TlsFiles files) throws Exception {
    char[] password = {'x'};
    KeyStore keys = KeyStore.getInstance("PKCS12");
    keys.load(null, password);
    keys.setKeyEntry(
        "app",
        Pem.privateKey(Files.readString(files.privateKey())),
        password,
        Pem.certificates(Files.readString(files.certificateChain())).toArray(Certificate[]::new));
    KeyManagerFactory managers =
        KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
    managers.init(keys, password);
    SSLContext made = SSLContext.getInstance("TLS");
    made.init(managers.getKeyManagers(), null, null);
    return made;
  }
}
