package dev.heddle.smiadapter.state;

/** What a text, such as a request's path, has to be like. */
public sealed interface TextCondition {

  /** It is exactly this. */
  record Exact(String text) implements TextCondition {}

  /** It begins with this. */
  record Prefix(String prefix) implements TextCondition {}

  /** A regular expression in RE2's syntax matches the whole of it. */
  record Pattern(String regex) implements TextCondition {}
}
