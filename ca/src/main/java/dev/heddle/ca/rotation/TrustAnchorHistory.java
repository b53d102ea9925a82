package dev.heddle.ca.rotation;

import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.security.cert.CertificateEncodingException;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Which trust anchors are valid, since when peers are told of each, and since when nothing new is
 * signed below it. An anchor stays for as long as certificates below it can still be in use, so
 * that rotating a root loses no connection.
 *
 * @param entries in the order they were announced
 */
record TrustAnchorHistory(List<Entry> entries) {
  private static final String ANNOUNCED = "heddle.dev/announced-";
  private static final String RETIRED = "heddle.dev/retired-";
  private static final int NAME_LENGTH = 32;

  /**
   * One anchor.
   *
   * @param announced since when peers are told to trust it
   * @param retired since when nothing is signed below it
   */
  record Entry(X509Certificate anchor, Instant announced, Optional<Instant> retired) {}

  TrustAnchorHistory {
    entries = List.copyOf(entries);
  }

  static TrustAnchorHistory none() {
    return new TrustAnchorHistory(List.of());
  }

  /**
   * Reads what {@link #annotations()} and {@link #anchors()} wrote. A time that is missing is the
   * epoch.
   */
  static TrustAnchorHistory read(
      Collection<X509Certificate> anchors, Map<String, String> annotations) {
    List<Entry> entries = new ArrayList<>();
    for (X509Certificate anchor : anchors) {
      String name = name(anchor);
      entries.add(
          new Entry(
              anchor,
              time(annotations.get(ANNOUNCED + name)).orElse(Instant.EPOCH),
              time(annotations.get(RETIRED + name))));
    }
    return new TrustAnchorHistory(entries);
  }

  /**
   * The history from now on.
   *
   * @param used the anchors that something is, or is about to be, signed below
   * @param retention how long an anchor stays after that
   */
  TrustAnchorHistory updated(Set<X509Certificate> used, Instant now, Duration retention) {
    Map<X509Certificate, Entry> next = new LinkedHashMap<>();
    for (Entry entry : entries) {
      X509Certificate anchor = entry.anchor();
      if (used.contains(anchor)) {
        next.put(anchor, new Entry(anchor, entry.announced(), Optional.empty()));
      } else {
        Instant retired = entry.retired().orElse(now);
        boolean expired = now.isAfter(anchor.getNotAfter().toInstant());
        if (!expired && now.isBefore(retired.plus(retention))) {
          next.put(anchor, new Entry(anchor, entry.announced(), Optional.of(retired)));
        }
      }
    }
    for (X509Certificate anchor : used) {
      next.putIfAbsent(anchor, new Entry(anchor, now, Optional.empty()));
    }
    return new TrustAnchorHistory(List.copyOf(next.values()));
  }

  /** Since when peers are told to trust an anchor; empty if they are not. */
  Optional<Instant> announced(X509Certificate anchor) {
    return entries.stream()
        .filter(entry -> entry.anchor().equals(anchor))
        .map(Entry::announced)
        .findFirst();
  }

  List<X509Certificate> anchors() {
    return entries.stream().map(Entry::anchor).toList();
  }

  Map<String, String> annotations() {
    Map<String, String> annotations = new LinkedHashMap<>();
    for (Entry entry : entries) {
      String name = name(entry.anchor());
      annotations.put(ANNOUNCED + name, entry.announced().toString());
      entry.retired().ifPresent(time -> annotations.put(RETIRED + name, time.toString()));
    }
    return annotations;
  }

  /** Whether an annotation is one of a history. */
  static boolean isOwn(String annotation) {
    return annotation.startsWith(ANNOUNCED) || annotation.startsWith(RETIRED);
  }

  private static Optional<Instant> time(@Nullable String text) {
    if (text == null) {
      return Optional.empty();
    }
    try {
      return Optional.of(Instant.parse(text));
    } catch (DateTimeParseException e) {
      return Optional.empty();
    }
  }

  private static String name(X509Certificate anchor) {
    try {
      byte[] hash = MessageDigest.getInstance("SHA-256").digest(anchor.getEncoded());
      return HexFormat.of().formatHex(hash).substring(0, NAME_LENGTH);
    } catch (CertificateEncodingException e) {
      throw new IllegalArgumentException(e);
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(e);
    }
  }
}
