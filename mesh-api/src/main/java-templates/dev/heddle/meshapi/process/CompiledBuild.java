package dev.heddle.meshapi.process;

/** What the compiler saw; the Maven build fills in the value. */
final class CompiledBuild {
  static final String ID = "${heddle.build.id}";

  private CompiledBuild() {}
}
