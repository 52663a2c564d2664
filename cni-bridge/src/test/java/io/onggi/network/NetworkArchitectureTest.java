package io.onggi.network;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import io.onggi.network.cni.PluginPrograms;
import org.junit.jupiter.api.Test;

/** The network by itself; the whole picture is checked by ArchitectureTest in cri-server. */
class NetworkArchitectureTest {
  private static final JavaClasses OURS =
      new ClassFileImporter()
          .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
          .importPackages("io.onggi.network");

  @Test
  void theNetworkUsesTheKernelEdgeAndNothingElseOfOurs() {
    classes()
        .should()
        .onlyDependOnClassesThat()
        .resideInAnyPackage(
            "io.onggi.network..",
            "io.onggi.linux..",
            "io.onggi.error..",
            "java..",
            "com.google..",
            "org.jspecify..")
        .because("layer 0 depends on linux alone; whoever needs more belongs above")
        .check(OURS);
  }

  @Test
  void packagesOfTheNetworkHaveNoCycles() {
    slices()
        .matching("io.onggi.network.(*)..")
        .should()
        .beFreeOfCycles()
        .because("words, then netlink, ipam and nat, then the bridge: each can be read alone")
        .check(OURS);
  }

  @Test
  void nobodyRunsAProgram() {
    noClasses()
        .that()
        .doNotHaveFullyQualifiedName(PluginPrograms.class.getName()) // what CNI asks for
        .should()
        .dependOnClassesThat()
        .haveFullyQualifiedName(ProcessBuilder.class.getName())
        .orShould()
        .dependOnClassesThat()
        .haveFullyQualifiedName(Runtime.class.getName())
        .because("an exec of ip or nft costs more than the whole attach")
        .check(OURS);
  }
}
