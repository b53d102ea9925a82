package dev.heddle.operator;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;
import java.time.Instant;

/** Which room may know which. */
@AnalyzeClasses(
    packages = "dev.heddle.operator",
    importOptions = ImportOption.DoNotIncludeTests.class)
final class ArchitectureTest {
  @ArchTest
  static final ArchRule WHAT_A_MESH_IS_NEEDS_NO_CLUSTER =
      classes()
          .that()
          .resideInAPackage("..resources..")
          .should()
          .onlyDependOnClassesThat()
          .resideInAnyPackage(
              "java..",
              "dev.heddle.crds..",
              "dev.heddle.operator.resources..",
              "io.fabric8.kubernetes.api..",
              "io.fabric8.kubernetes.client.utils..",
              "org.jspecify..");

  @ArchTest
  static final ArchRule WHAT_IS_WELL_IS_DECIDED_WITHOUT_A_CLUSTER =
      classes()
          .that()
          .resideInAPackage("..status..")
          .should()
          .onlyDependOnClassesThat()
          .resideInAnyPackage(
              "java..",
              "dev.heddle.crds..",
              "dev.heddle.operator.status..",
              "io.fabric8.kubernetes.api..",
              "org.jspecify..");

  @ArchTest
  static final ArchRule TIME_COMES_FROM_A_CLOCK =
      noClasses()
          .that()
          .doNotHaveSimpleName("Main")
          .should()
          .callMethod(Instant.class, "now")
          .orShould()
          .callMethod(System.class, "currentTimeMillis");

  @ArchTest
  static final ArchRule NOTHING_OF_THE_OTHER_PROCESSES =
      noClasses()
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage(
              "dev.heddle.ca..", "dev.heddle.smiadapter..", "dev.heddle.dataplane..");
}
