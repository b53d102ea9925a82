package dev.heddle.dataplane.scheduling;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.time.Duration;
import java.util.Locale;
import java.util.Optional;

/**
 * How long a thread asks to run at a time: {@code sched_runtime} of sched_setattr(2), which Linux
 * 6.12 and later take for ordinary threads too. Whoever asks for less runs sooner after it wakes
 * up, before threads that ask for more; its share of the processor stays the same
 * (Documentation/scheduler/sched-eevdf.rst). Earlier kernels accept it and do not care.
 */
final class TimeSlice {
  /** In bytes, {@code struct sched_attr} (linux/sched/types.h), of the first version and more. */
  private static final int ATTRIBUTES = 56;

  private static final int RUNTIME = 24;
  private static final long CALLING_THREAD = 0;
  private static final long NO_FLAGS = 0;

  private final MethodHandle systemCall;
  private final Calls calls;

  /** Their numbers, which differ by processor. */
  private record Calls(long get, long set) {}

  private TimeSlice(MethodHandle systemCall, Calls calls) {
    this.systemCall = systemCall;
    this.calls = calls;
  }

  /** Empty where there is no such call, or its number is not known. */
  @SuppressWarnings("restricted") // a function of libc with a signature that is known
  static Optional<TimeSlice> link() {
    if (!System.getProperty("os.name").toLowerCase(Locale.ROOT).equals("linux")) {
      return Optional.empty();
    }
    Linker linker = Linker.nativeLinker();
    FunctionDescriptor signature =
        FunctionDescriptor.of(
            ValueLayout.JAVA_LONG,
            ValueLayout.JAVA_LONG,
            ValueLayout.JAVA_LONG,
            ValueLayout.ADDRESS,
            ValueLayout.JAVA_LONG,
            ValueLayout.JAVA_LONG);
    // glibc has no functions of these names before 2.41.
    return calls(System.getProperty("os.arch"))
        .map(calls ->
            new TimeSlice(
                linker.downcallHandle(
                    linker.defaultLookup().findOrThrow("syscall"),
                    signature,
                    Linker.Option.firstVariadicArg(1)),
                calls));
  }

  private static Optional<Calls> calls(String architecture) {
    return switch (architecture) {
      case "amd64" -> Optional.of(new Calls(315, 314));
      case "aarch64" -> Optional.of(new Calls(275, 274));
      default -> Optional.empty();
    };
  }

  /**
   * Asks for the calling thread.
   *
   * @param slice from 0.1 to 100 ms
   * @return whether the kernel took it
   */
  boolean request(Duration slice) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment attributes = arena.allocate(ATTRIBUTES, Long.BYTES);
      // All else, such as its niceness, stays as it is.
      if (!read(attributes)) {
        return false;
      }
      attributes.set(ValueLayout.JAVA_LONG, RUNTIME, slice.toNanos());
      return call(calls.set(), attributes, NO_FLAGS, 0);
    }
  }

  /** What the calling thread has; empty if the kernel does not tell. */
  Optional<Duration> current() {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment attributes = arena.allocate(ATTRIBUTES, Long.BYTES);
      return read(attributes)
          ? Optional.of(Duration.ofNanos(attributes.get(ValueLayout.JAVA_LONG, RUNTIME)))
          : Optional.empty();
    }
  }

  private boolean read(MemorySegment attributes) {
    return call(calls.get(), attributes, ATTRIBUTES, NO_FLAGS);
  }

  private boolean call(long number, MemorySegment attributes, long third, long fourth) {
    try {
      return (long) systemCall.invokeExact(number, CALLING_THREAD, attributes, third, fourth) == 0;
    } catch (RuntimeException | Error e) {
      throw e;
    } catch (Throwable e) {
      throw new IllegalStateException("syscall", e);
    }
  }
}
