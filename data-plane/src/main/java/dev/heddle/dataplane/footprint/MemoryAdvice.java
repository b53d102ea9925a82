package dev.heddle.dataplane.footprint;

import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;

/** The system call madvise(2). */
final class MemoryAdvice {
  private static final int DONT_NEED = 4; // MADV_DONTNEED
  private static final FunctionDescriptor SIGNATURE =
      FunctionDescriptor.of(
          ValueLayout.JAVA_INT, ValueLayout.JAVA_LONG, ValueLayout.JAVA_LONG, ValueLayout.JAVA_INT);

  private final MethodHandle advise;

  @SuppressWarnings("restricted") // a function of libc with a signature that is known
  MemoryAdvice() {
    Linker linker = Linker.nativeLinker();
    advise = linker.downcallHandle(linker.defaultLookup().findOrThrow("madvise"), SIGNATURE);
  }

  /**
   * Gives the pages of a mapping that is {@linkplain FileMapping#clean clean} back to the page
   * cache; what is used of them later is mapped again without a read from disk.
   *
   * @throws IllegalStateException if the kernel refuses
   */
  void release(FileMapping clean) {
    int result;
    try {
      result = (int) advise.invokeExact(clean.start(), clean.length(), DONT_NEED);
    } catch (RuntimeException | Error e) {
      throw e;
    } catch (Throwable e) {
      throw new IllegalStateException("madvise", e);
    }
    if (result != 0) {
      throw new IllegalStateException("madvise refused to release " + clean);
    }
  }
}
