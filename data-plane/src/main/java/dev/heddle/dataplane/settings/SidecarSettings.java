package dev.heddle.dataplane.settings;

import dev.heddle.meshapi.identity.IdentitySettings;
import dev.heddle.meshapi.identity.Pem;
import dev.heddle.meshapi.identity.SpiffeId;
import dev.heddle.meshapi.process.Environment;
import dev.heddle.meshapi.process.InvalidSettingException;
import java.nio.file.Path;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A proxy in a pod: everything it needs to find its control plane and prove who it is.
 *
 * @param identity how it gets its certificate
 * @param controlPlane the adapter's delta ADS
 * @param controlPlaneId who the adapter must prove to be
 * @param stateDirectory where it keeps what it was last told; null to keep nothing
 */
public record SidecarSettings(
    PodSettings pod,
    IdentitySettings identity,
    HostAndPort controlPlane,
    SpiffeId controlPlaneId,
    @Nullable Path stateDirectory) {

  /** The ServiceAccount that the adapter runs as. */
  private static final String CONTROL_PLANE_ACCOUNT = "heddle-smi-adapter";

  private static final String TOKEN_FILE = "/var/run/secrets/heddle.dev/identity/token";

  /**
   * Reads the environment of an injected pod.
   *
   * @throws InvalidSettingException for the first variable that is missing or wrong
   */
  public static SidecarSettings from(Environment environment) {
    PodSettings pod = PodSettings.from(environment);
    String meshNamespace = environment.text("HEDDLE_MESH_NAMESPACE", "heddle-system");
    SpiffeId controlPlaneId;
    try {
      controlPlaneId = SpiffeId.of(pod.id().trustDomain(), meshNamespace, CONTROL_PLANE_ACCOUNT);
    } catch (IllegalArgumentException e) {
      throw new InvalidSettingException("HEDDLE_MESH_NAMESPACE", meshNamespace, "a namespace");
    }
    HostAndPort controlPlane =
        HostAndPort.parse(
            "HEDDLE_XDS_ADDRESS",
            environment.text(
                "HEDDLE_XDS_ADDRESS", "heddle-smi-adapter." + meshNamespace + ".svc:15010"));
    HostAndPort certificateAuthority =
        HostAndPort.parse(
            "HEDDLE_CA_ADDRESS",
            environment.text("HEDDLE_CA_ADDRESS", "heddle-ca." + meshNamespace + ".svc:15012"));
    @Nullable Path state =
        environment.optional("HEDDLE_STATE_DIRECTORY").map(Path::of).orElse(null);
    return new SidecarSettings(
        pod,
        new IdentitySettings(
            certificateAuthority.toString(),
            meshNamespace,
            pod.id(),
            Path.of(environment.text("HEDDLE_TOKEN_FILE", TOKEN_FILE)),
            trustAnchors(environment),
            state),
        controlPlane,
        controlPlaneId,
        state);
  }

  private static List<X509Certificate> trustAnchors(Environment environment) {
    String expected = "the mesh's trust anchors as PEM";
    String pem = environment.required("HEDDLE_TRUST_ANCHORS", expected);
    try {
      List<X509Certificate> anchors = Pem.certificates(pem);
      if (!anchors.isEmpty()) {
        return anchors;
      }
    } catch (CertificateException | IllegalArgumentException e) {
      throw new InvalidSettingException(
          "HEDDLE_TRUST_ANCHORS", pem.length() + " characters", expected + ": " + e.getMessage());
    }
    throw new InvalidSettingException("HEDDLE_TRUST_ANCHORS", "no certificate", expected);
  }
}
