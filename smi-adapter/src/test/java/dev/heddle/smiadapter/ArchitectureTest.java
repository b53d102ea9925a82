package dev.heddle.smiadapter;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;

/** Which room of the control plane may know which. */
@AnalyzeClasses(
    packages = "dev.heddle.smiadapter",
    importOptions = ImportOption.DoNotIncludeTests.class)
class ArchitectureTest {

  private static final String ROOT = "dev.heddle.smiadapter.";

  @ArchTest
  static final ArchRule stateKnowsNothing =
      classes()
          .that()
          .resideInAPackage(ROOT + "state..")
          .should()
          .onlyDependOnClassesThat()
          .resideInAnyPackage(ROOT + "state..", "java..", "org.pcollections..", "org.jspecify..")
          .because("neither a traffic API nor a proxy dictates what the mesh is");

  @ArchTest
  static final ArchRule translationIsPure =
      noClasses()
          .that()
          .resideInAnyPackage(ROOT + "translate..", ROOT + "resources..")
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage(
              "io.fabric8..",
              "io.grpc..",
              "io.netty..",
              "java.net..",
              "java.nio.file..",
              "java.util.concurrent..",
              "org.slf4j..",
              ROOT + "kubernetes..",
              ROOT + "smi..",
              ROOT + "xds..",
              ROOT + "pipeline..",
              ROOT + "events..")
          .because("the same state gives the same resources, and golden files show it");

  @ArchTest
  static final ArchRule conversionIsPure =
      noClasses()
          .that()
          .resideInAPackage(ROOT + "conversion..")
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage(
              "io.fabric8..",
              "io.grpc..",
              "io.micrometer..",
              "java.net..",
              "java.nio.file..",
              "java.util.concurrent..",
              "org.slf4j..",
              "dev.heddle.crds..")
          .because("an object goes there and back through any version, and properties show it");

  @ArchTest
  static final ArchRule rowsAreMadeWithoutIO =
      noClasses()
          .that()
          .resideInAPackage(ROOT + "trafficmetrics..")
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage(
              "io.fabric8..",
              "io.grpc..",
              "io.netty..",
              "java.net..",
              "java.nio.file..",
              "java.util.concurrent..",
              "com.sun.net..",
              ROOT + "aggregated..",
              ROOT + "kubernetes..")
          .because("the same edges give the same answer, and golden files show it");

  @ArchTest
  static final ArchRule theServerKnowsOnlyResources =
      noClasses()
          .that()
          .resideInAPackage(ROOT + "xds..")
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage(
              "io.fabric8..",
              ROOT + "state..",
              ROOT + "translate..",
              ROOT + "kubernetes..",
              ROOT + "smi..",
              ROOT + "pipeline..",
              ROOT + "events..")
          .because("what is served is of no concern to how it is served");

  @ArchTest
  static final ArchRule onlyTheFrontEndKnowsItsApi =
      noClasses()
          .that()
          .resideOutsideOfPackages(ROOT + "smi..", "dev.heddle.smiadapter")
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage("dev.heddle.crds.split..", ROOT + "smi..")
          .because("SMI is a front end, and Gateway API will be another");

  @ArchTest
  static final ArchRule noProxyCode =
      noClasses().should().dependOnClassesThat().resideInAPackage("dev.heddle.dataplane..");

  @ArchTest
  static final ArchRule noCycles =
      slices().matching("dev.heddle.smiadapter.(*)..").should().beFreeOfCycles();
}
