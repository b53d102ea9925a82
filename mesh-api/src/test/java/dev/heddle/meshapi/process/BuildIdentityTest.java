package dev.heddle.meshapi.process;

import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

class BuildIdentityTest {
  @Test
  void thisBuildIsConsistent() {
    assertThatCode(BuildIdentity::verify).doesNotThrowAnyException();
  }

  @Test
  void saysWhatToDoAboutStaleClasses() {
    assertThatThrownBy(() -> BuildIdentity.verify("a1", "b2"))
        .hasMessage(
            "The running classes are of build a1 but the jar is of build b2: the AOT cache and the"
                + " jars do not belong together; rebuild the image.");
  }
}
