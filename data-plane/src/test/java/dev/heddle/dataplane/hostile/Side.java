package dev.heddle.dataplane.hostile;

import dev.heddle.dataplane.LoopbackMesh;
import java.io.IOException;
import java.net.Socket;
import java.util.List;
import javax.net.ssl.SNIHostName;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;

/** Where an attack comes in. */
enum Side {
  /** From the app beside a proxy, in plaintext. */
  CLIENT_SIDE,
  /** From a member of the mesh that speaks mutual TLS and is no proxy of ours. */
  SERVER_SIDE;

  private static final int TIMEOUT_MILLIS = 10_000;
  static final String SERVER_NAME = "mesh.heddle.internal";

  /** The account of the hostile member. */
  static final String MALLORY = "mallory";

  Socket http1(LoopbackMesh mesh) throws Exception {
    return connect(mesh, "http/1.1");
  }

  Socket http2(LoopbackMesh mesh) throws Exception {
    return connect(mesh, "h2");
  }

  private Socket connect(LoopbackMesh mesh, String protocol) throws Exception {
    Socket socket =
        switch (this) {
          case CLIENT_SIDE -> plain(mesh);
          case SERVER_SIDE -> tls(mesh, protocol);
        };
    socket.setSoTimeout(TIMEOUT_MILLIS);
    socket.setTcpNoDelay(true);
    return socket;
  }

  private static Socket plain(LoopbackMesh mesh) throws IOException {
    Socket socket = new Socket();
    socket.connect(mesh.clientSide(), TIMEOUT_MILLIS);
    return socket;
  }

  private static Socket tls(LoopbackMesh mesh, String protocol) throws Exception {
    SSLSocket socket = (SSLSocket) mesh.member(MALLORY).getSocketFactory().createSocket();
    socket.connect(mesh.serverSide(), TIMEOUT_MILLIS);
    SSLParameters parameters = socket.getSSLParameters();
    parameters.setServerNames(List.of(new SNIHostName(SERVER_NAME)));
    parameters.setApplicationProtocols(new String[] {protocol});
    socket.setSSLParameters(parameters);
    socket.setSoTimeout(TIMEOUT_MILLIS);
    socket.startHandshake();
    return socket;
  }
}
