package dev.heddle.meshapi.process;

import java.io.IOException;
import java.io.InputStream;
import java.util.Properties;

/**
 * Which build a process runs. A JDK 25 AOT cache is used even when the jars beside it have been
 * replaced, and then silently runs the old classes; so the id that the compiler put into a class is
 * compared with the one in a resource of the jar, which no cache holds.
 */
public final class BuildIdentity {
  private static final String RESOURCE = "build.properties";

  private BuildIdentity() {}

  /** The id of the build whose classes run. */
  public static String compiled() {
    return CompiledBuild.ID;
  }

  /**
   * Compares the two.
   *
   * @throws IllegalStateException with one sentence for the operator if the classes that run are
   *     not those of the jar
   */
  public static void verify() {
    verify(CompiledBuild.ID, packaged());
  }

  static void verify(String compiled, String packaged) {
    if (!compiled.equals(packaged)) {
      throw new IllegalStateException(
          "The running classes are of build "
              + compiled
              + " but the jar is of build "
              + packaged
              + ": the AOT cache and the jars do not belong together; rebuild the image.");
    }
  }

  /**
   * As {@link #verify()}, but ends the process with status 1 after writing the sentence to standard
   * error.
   */
  public static void verifyOrExit() {
    try {
      verify();
    } catch (IllegalStateException e) {
      System.err.println(e.getMessage());
      System.exit(1);
    }
  }

  private static String packaged() {
    try (InputStream resource = BuildIdentity.class.getResourceAsStream(RESOURCE)) {
      if (resource == null) {
        return "unknown, " + RESOURCE + " is missing";
      }
      Properties properties = new Properties();
      properties.load(resource);
      return properties.getProperty("id", "unknown, " + RESOURCE + " has no id");
    } catch (IOException e) {
      return "unknown, " + RESOURCE + " cannot be read: " + e.getMessage();
    }
  }
}
