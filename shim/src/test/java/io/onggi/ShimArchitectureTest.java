package io.onggi;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import org.junit.jupiter.api.Test;

/** The kernel edge by itself; the whole picture is checked by ArchitectureTest in cri-server. */
class ShimArchitectureTest {
  private static final JavaClasses OURS =
      new ClassFileImporter()
          .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
          .importPackages("io.onggi");

  @Test
  void only_linux_imports_jna() {
    noClasses()
        .that()
        .resideOutsideOfPackage("io.onggi.linux..")
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage("com.sun.jna..", "java.lang.foreign..")
        .because("whoever makes a system call lives in io.onggi.linux, where errno is read at once")
        .check(OURS);
  }

  @Test
  void linux_knows_nothing_of_launching() {
    noClasses()
        .that()
        .resideInAnyPackage("io.onggi.linux..", "io.onggi.error..")
        .should()
        .dependOnClassesThat()
        .resideInAPackage("io.onggi.launch..")
        .because("arrows go downwards: a launch plan uses the kernel edge, never the other way")
        .check(OURS);
  }

  @Test
  void the_module_holds_the_kernel_edge_and_launching_only() {
    classes()
        .should()
        .resideInAnyPackage("io.onggi.error..", "io.onggi.linux..", "io.onggi.launch..")
        .because("the folder's sentence is its rule: whoever makes a system call lives here")
        .check(OURS);
  }
}
