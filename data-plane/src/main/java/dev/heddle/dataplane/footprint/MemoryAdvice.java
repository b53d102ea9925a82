package dev.heddle.dataplane.footprint;

import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;

/** The system's pages: getpagesize(2) and madvise(2). */
final class MemoryAdvice {
  private static final int DONT_NEED = 4; // MADV_DONTNEED
  private static final FunctionDescriptor SIGNATURE =
      FunctionDescriptor.of(
          ValueLayout.JAVA_INT, ValueLayout.JAVA_LONG, ValueLayout.JAVA_LONG, ValueLayout.JAVA_INT);

  private final MethodHandle advise;
  private final int pageSize;

  @SuppressWarnings("restricted") // functions of libc with signatures that are known
  MemoryAdvice() {
    Linker linker = Linker.nativeLinker();
    advise = linker.downcallHandle(linker.defaultLookup().findOrThrow("madvise"), SIGNATURE);
    MethodHandle size =
        linker.downcallHandle(
            linker.defaultLookup().findOrThrow("getpagesize"),
            FunctionDescriptor.of(ValueLayout.JAVA_INT));
    try {
      pageSize = (int) size.invokeExact();
    } catch (RuntimeException | Error e) {
      throw e;
    } catch (Throwable e) {
      throw new IllegalStateException("getpagesize", e);
    }
  }

  /** In bytes. */
  int pageSize() {
    return pageSize;
  }

  /**
   * Gives the pages of a mapping of which {@linkplain PageTable#cleanBytes none was written} back
   * to the page cache; what is used of them later is mapped again without a read from disk.
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
