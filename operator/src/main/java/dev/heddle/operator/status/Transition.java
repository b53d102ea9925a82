package dev.heddle.operator.status;

import dev.heddle.crds.install.Condition;
import dev.heddle.crds.install.MeshInstallStatus;
import java.util.List;

/**
 * Something that changed, worth an Event.
 *
 * @param severity whether somebody should look
 * @param reason the reason of the condition that changed
 * @param message type and message of the condition that changed
 */
public record Transition(Severity severity, String reason, String message) {

  /** Whether somebody should look. Written as Kubernetes does. */
  public enum Severity {
    NORMAL("Normal"),
    WARNING("Warning");

    private final String text;

    Severity(String text) {
      this.text = text;
    }

    /** The type of an Event. */
    public String text() {
      return text;
    }
  }

  /**
   * What changed from one status to the next: conditions whose status or reason is another. What
   * was never so before and is not so now is no change but the beginning, except where a user can
   * do something about it.
   */
  public static List<Transition> between(MeshInstallStatus before, MeshInstallStatus after) {
    return after.conditions().stream()
        .filter(condition -> condition.status() != Condition.Status.UNKNOWN)
        .filter(condition -> !isSummary(condition))
        .filter(condition -> changed(before, condition))
        .map(condition ->
            new Transition(
                isTrue(condition) || isProgress(condition) ? Severity.NORMAL : Severity.WARNING,
                condition.reason(),
                condition.type() + ": " + condition.message()))
        .toList();
  }

  private static boolean changed(MeshInstallStatus before, Condition now) {
    return before
        .condition(now.type())
        .map(former -> former.status() != now.status() || !former.reason().equals(now.reason()))
        .orElse(true);
  }

  /**
   * Ready repeats another condition's words, unless all is well or something could not be applied.
   */
  private static boolean isSummary(Condition condition) {
    return condition.type().equals(StatusFactory.READY)
        && !isTrue(condition)
        && !condition.reason().equals(StatusFactory.APPLY_FAILED);
  }

  private static boolean isTrue(Condition condition) {
    return condition.status() == Condition.Status.TRUE;
  }

  /** What every installation passes through. */
  private static boolean isProgress(Condition condition) {
    return switch (condition.reason()) {
      case "DeploymentMissing",
          "RollingOut",
          "CertificateMissing",
          "WebhookMissing",
          "PodsNotReady" ->
          true;
      default -> false;
    };
  }
}
