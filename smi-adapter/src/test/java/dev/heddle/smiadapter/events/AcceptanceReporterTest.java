package dev.heddle.smiadapter.events;

import static org.assertj.core.api.Assertions.assertThat;

import dev.heddle.smiadapter.state.Acceptance;
import dev.heddle.smiadapter.state.Change;
import dev.heddle.smiadapter.state.Finding;
import dev.heddle.smiadapter.state.ObjectName;
import dev.heddle.smiadapter.state.ObjectReference;
import dev.heddle.smiadapter.state.Observation;
import dev.heddle.smiadapter.state.ObservedObject;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class AcceptanceReporterTest {

  private static final ObjectName NAME = new ObjectName("shop", "web");
  private static final ObjectReference REFERENCE =
      new ObjectReference("access.smi-spec.io/v1alpha3", "TrafficTarget", NAME, "uid");
  private static final Finding PART = new Finding(REFERENCE, "spec.rules[0]", "is not there");
  private static final Finding OTHER = new Finding(REFERENCE, "spec.a", "is wrong");

  private final List<Acceptance> written = new ArrayList<>();
  private final AtomicBoolean leading = new AtomicBoolean(true);
  private final SimpleMeterRegistry registry = new SimpleMeterRegistry();
  private final AcceptanceReporter reporter =
      new AcceptanceReporter(
          leading::get, (object, acceptance) -> written.add(acceptance), registry);

  @Test
  void anObjectInForceIsAccepted() {
    reporter.observed(seen(3, true, null));

    assertThat(written).containsExactly(new Acceptance(true, "Accepted", "In force.", 3));
    assertThat(objects("Accepted")).isEqualTo(1);
  }

  @Test
  void aStatusThatSaysSoAlreadyIsNotWritten() {
    reporter.observed(seen(3, true, new Acceptance(true, "Accepted", "In force.", 3)));

    assertThat(written).isEmpty();
  }

  @Test
  void aKindWithoutStatusIsCountedAlone() {
    reporter.observed(seen(3, false, null));

    assertThat(written).isEmpty();
    assertThat(objects("Accepted")).isEqualTo(1);
  }

  @Test
  void findingsOfSeveralOriginsAreToldTogetherWhateverTheirOrder() {
    reporter.observed(seen(1, true, null));
    reporter.found("translation", List.of(PART));
    reporter.found("front end", List.of(OTHER));

    assertThat(written.getLast())
        .isEqualTo(
            new Acceptance(
                true, "PartlyHonoured", "spec.a: is wrong; spec.rules[0]: is not there", 1));

    reporter.found("translation", List.of(PART.ofWhole()));
    assertThat(written.getLast().accepted()).isFalse();
    assertThat(written.getLast().reason()).isEqualTo("NotHonoured");
    assertThat(objects("NotHonoured")).isEqualTo(1);

    reporter.found("front end", List.of());
    reporter.found("translation", List.of());
    assertThat(written.getLast().reason()).isEqualTo("Accepted");
    assertThat(objects("Accepted")).isEqualTo(1);
    assertThat(objects("NotHonoured")).isZero();
  }

  @Test
  void theReplicaThatComesToWriteWritesWhatIsNotSaid() {
    leading.set(false);
    reporter.found("front end", List.of(PART));
    reporter.observed(seen(2, true, null));
    assertThat(written).isEmpty();

    leading.set(true);
    reporter.repeat();
    assertThat(written).extracting(Acceptance::reason).containsExactly("PartlyHonoured");
  }

  @Test
  void anObjectThatIsGoneIsForgotten() {
    reporter.observed(seen(1, true, null));
    reporter.observed(Observation.of(new Change.GrantChange(NAME, null)));
    written.clear();

    reporter.repeat();
    assertThat(written).isEmpty();
    assertThat(objects("Accepted")).isZero();
  }

  private static Observation seen(
      long generation, boolean statusServed, @Nullable Acceptance shown) {
    return Observation.of(new Change.GrantChange(NAME, null))
        .about(
            new ObservedObject(REFERENCE, "traffictargets", generation, statusServed, shown, null));
  }

  private double objects(String outcome) {
    return registry
        .get("heddle_objects")
        .tag("kind", "TrafficTarget")
        .tag("outcome", outcome)
        .gauge()
        .value();
  }
}
