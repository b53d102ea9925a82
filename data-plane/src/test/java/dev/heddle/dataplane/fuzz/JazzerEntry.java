package dev.heddle.dataplane.fuzz;

/** Called by Jazzer, by name. Its one argument is the folder of a {@link FuzzTarget}. */
public final class JazzerEntry {
  private static FuzzTarget target = FuzzTarget.NORMALIZATION;

  private JazzerEntry() {}

  public static void fuzzerInitialize(String[] arguments) {
    if (arguments.length != 1) {
      throw new IllegalArgumentException("arguments: " + arguments.length + " (expected: one)");
    }
    target = FuzzTarget.of(arguments[0]);
  }

  public static void fuzzerTestOneInput(byte[] input) {
    target.check(input);
  }
}
