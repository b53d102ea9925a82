package dev.heddle.dataplane;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.heddle.meshapi.process.InvalidSettingException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class CommandLineTest {

  @Test
  void servesAPodWithoutArguments() {
    assertThat(CommandLine.parse(List.of())).isEqualTo(new CommandLine.Serve(null, null));
  }

  @Test
  void servesByAFile() {
    assertThat(CommandLine.parse(List.of("--concurrency", "2", "--config", "envoy.yaml")))
        .isEqualTo(new CommandLine.Serve(Path.of("envoy.yaml"), 2));
    assertThat(CommandLine.parse(List.of("-c", "envoy.yaml", "--validate")))
        .isEqualTo(new CommandLine.Validate(Path.of("envoy.yaml")));
    assertThat(CommandLine.parse(List.of("--version"))).isEqualTo(new CommandLine.Version());
    assertThat(CommandLine.parse(List.of("-h"))).isEqualTo(new CommandLine.Help());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "--config|--config: nothing (expected: a file)",
        "--config a --concurrency|--concurrency: nothing (expected: a number)",
        "--concurrency many|--concurrency: many (expected: a number)",
        "--validate|--validate: without --config (expected: --config FILE)",
        "--config-path a|argument: --config-path (expected: --config, --concurrency, --validate,"
            + " --version or --help)",
      })
  void namesTheFirstArgumentThatIsWrong(String arguments, String message) {
    assertThatThrownBy(() -> CommandLine.parse(List.of(arguments.split(" "))))
        .isInstanceOf(InvalidSettingException.class)
        .hasMessage(message);
  }
}
