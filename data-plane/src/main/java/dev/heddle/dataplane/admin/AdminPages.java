package dev.heddle.dataplane.admin;

import dev.heddle.dataplane.config.LiveConfiguration;
import dev.heddle.dataplane.xds.ControlPlaneStatus;
import dev.heddle.meshapi.identity.WorkloadCertificate;
import dev.heddle.meshapi.process.BuildIdentity;
import java.util.Optional;
import java.util.function.Supplier;

/** What the page {@code /config} is made from. */
public record AdminPages(
    LiveConfiguration live,
    Supplier<Optional<WorkloadCertificate>> certificate,
    Supplier<Optional<ControlPlaneStatus>> controlPlane) {

  /** The page as of now. */
  public String configuration() {
    return ConfigurationPage.render(
        BuildIdentity.compiled(),
        certificate.get().orElse(null),
        controlPlane.get().orElse(null),
        live.current());
  }
}
