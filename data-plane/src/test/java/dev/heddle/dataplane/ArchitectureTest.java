package dev.heddle.dataplane;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.Architectures.layeredArchitecture;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.google.protobuf.DynamicMessage;
import com.google.protobuf.MessageOrBuilder;
import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;
import java.util.Set;

/** What may know what in the proxy. */
@AnalyzeClasses(
    packages = "dev.heddle.dataplane",
    importOptions = ImportOption.DoNotIncludeTests.class)
final class ArchitectureTest {
  private static final String ROOT = "dev.heddle.dataplane.";

  @ArchTest
  static final ArchRule noKubernetesClient =
      noClasses()
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage(
              "io.fabric8..", "io.javaoperatorsdk..", "io.kubernetes..", "dev.heddle.crds..")
          .because("the proxy knows its configuration and its peers, not where they come from");

  /** What protobuf does by looking up all accessors of a type. */
  private static final Set<String> REFLECTIVE =
      Set.of(
          "is",
          "isSameTypeAs",
          "pack",
          "unpack",
          "unpackSameTypeAs",
          "toString",
          "getAllFields",
          "getDescriptorForType",
          "getField",
          "getOneofFieldDescriptor",
          "getRepeatedField",
          "getRepeatedFieldCount",
          "hasField",
          "hasOneof",
          "addRepeatedField",
          "clearField",
          "setField",
          "setRepeatedField");

  @ArchTest
  static final ArchRule noReflectionOnGeneratedMessages =
      noClasses()
          .should()
          .callMethodWhere(
              DescribedPredicate.describe(
                  "reads a generated message by reflection",
                  call ->
                      REFLECTIVE.contains(call.getName())
                          && call.getTargetOwner().isAssignableTo(MessageOrBuilder.class)
                          && !call.getTargetOwner().isAssignableTo(DynamicMessage.class)
                          && !call.getTargetOwner().isAssignableTo(DynamicMessage.Builder.class)))
          .because(
              "it takes megabytes, and the image has no accessors that nothing else calls; see"
                  + " MessageTypes");

  @ArchTest
  static final ArchRule noCycles =
      slices().matching("dev.heddle.dataplane.(*)..").should().beFreeOfCycles();

  @ArchTest
  static final ArchRule layers =
      layeredArchitecture()
          .consideringOnlyDependenciesInLayers()
          .withOptionalLayers(true)
          .layer("config")
          .definedBy(ROOT + "config..")
          .layer("connection")
          .definedBy(ROOT + "connection..")
          .layer("tls")
          .definedBy(ROOT + "tls..")
          .layer("upstream")
          .definedBy(ROOT + "upstream..")
          .layer("tcp")
          .definedBy(ROOT + "tcp..")
          .layer("http")
          .definedBy(ROOT + "http..")
          .layer("listener")
          .definedBy(ROOT + "listener..")
          .layer("main")
          .definedBy("dev.heddle.dataplane")
          .whereLayer("main")
          .mayNotBeAccessedByAnyLayer()
          .whereLayer("listener")
          .mayOnlyBeAccessedByLayers("main")
          .whereLayer("tcp")
          .mayOnlyBeAccessedByLayers("listener", "main")
          .whereLayer("http")
          .mayOnlyBeAccessedByLayers("main")
          .whereLayer("upstream")
          .mayOnlyBeAccessedByLayers("tcp", "http", "listener", "main")
          .whereLayer("tls")
          .mayOnlyBeAccessedByLayers("upstream", "listener", "main")
          .whereLayer("connection")
          .mayOnlyAccessLayers("config")
          .whereLayer("config")
          .mayNotAccessAnyLayer();

  @ArchTest
  static final ArchRule configurationIsPlainValues =
      noClasses()
          .that()
          .resideInAPackage(ROOT + "config..")
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage(
              "io.netty..", "io.envoyproxy..", "com.google.protobuf..", "io.grpc..");

  @ArchTest
  static final ArchRule socketsAreMadeInOnePlace =
      noClasses()
          .that()
          .resideInAnyPackage(
              ROOT + "listener..",
              ROOT + "upstream..",
              ROOT + "tcp..",
              ROOT + "http..",
              ROOT + "tls..")
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage("io.netty.bootstrap..", "io.netty.channel.epoll..")
          .because("a node-wide proxy will open them in other network namespaces");

  @ArchTest
  static final ArchRule xdsStopsAtTheEdge =
      classes()
          .that()
          .resideInAnyPackage("io.envoyproxy..")
          .should()
          .onlyHaveDependentClassesThat()
          .resideInAnyPackage("io.envoyproxy..", ROOT + "xds..", ROOT + "bootstrap..")
          .allowEmptyShould(true);
}
