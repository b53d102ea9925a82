package dev.heddle.ca;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;

/** Which room of the certificate authority may know which. */
@AnalyzeClasses(packages = "dev.heddle.ca", importOptions = ImportOption.DoNotIncludeTests.class)
class ArchitectureTest {

  private static final String ROOT = "dev.heddle.ca.";

  @ArchTest
  static final ArchRule onlyOneRoomKnowsKubernetes =
      noClasses()
          .that()
          .resideInAnyPackage(
              ROOT + "certificates..",
              ROOT + "authentication..",
              ROOT + "rotation..",
              ROOT + "signing..")
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage("io.fabric8..", "dev.heddle.kubernetes..", ROOT + "kubernetes..")
          .because("who may get which certificate is decided and tested without a cluster");

  @ArchTest
  static final ArchRule certificatesArePure =
      noClasses()
          .that()
          .resideInAPackage(ROOT + "certificates..")
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage(
              "io.grpc..",
              "java.net..",
              "java.nio.file..",
              "org.slf4j..",
              ROOT + "authentication..",
              ROOT + "rotation..",
              ROOT + "signing..")
          .because("a certificate follows from a request, an authority and a moment alone");

  @ArchTest
  static final ArchRule rotationKnowsNoTransport =
      noClasses()
          .that()
          .resideInAPackage(ROOT + "rotation..")
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage("io.grpc..", "io.netty..", ROOT + "signing..");

  @ArchTest
  static final ArchRule noProxyCode =
      noClasses().should().dependOnClassesThat().resideInAPackage("dev.heddle.dataplane..");

  @ArchTest
  static final ArchRule noCycles =
      slices().matching("dev.heddle.ca.(*)..").should().beFreeOfCycles();
}
