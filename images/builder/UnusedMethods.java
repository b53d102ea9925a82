import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.lang.classfile.ClassFile;
import java.lang.classfile.ClassHierarchyResolver;
import java.lang.classfile.ClassModel;
import java.lang.classfile.ClassTransform;
import java.lang.classfile.CodeModel;
import java.lang.classfile.MethodModel;
import java.lang.classfile.constantpool.ClassEntry;
import java.lang.classfile.constantpool.MemberRefEntry;
import java.lang.classfile.constantpool.PoolEntry;
import java.lang.classfile.instruction.ConstantInstruction;
import java.lang.classfile.instruction.InvokeDynamicInstruction;
import java.lang.classfile.instruction.InvokeInstruction;
import java.lang.constant.ClassDesc;
import java.lang.constant.ConstantDesc;
import java.lang.constant.DirectMethodHandleDesc;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDateTime;
import java.util.ArrayDeque;
import java.util.Collection;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import java.util.zip.ZipOutputStream;

/**
 * Leaves out of a jar of generated messages the methods that nothing calls, and what only debuggers
 * read. Each field of a message has some ten accessors in the message, its builder and an interface
 * of both, of which a reader of messages calls one or two.
 *
 * <p>A method stays if a call in reach can end at it by owner, name and type (JVM specification,
 * 5.4.3.3), if it overrides one of a type outside of the jar, or if it is one of those that are
 * looked up by name. The accessors that protobuf looks up by name are not among them: whoever uses
 * the result may not read its messages by reflection.
 *
 * <p>Usage: {@code java UnusedMethods.java JAR TARGET OTHER_JAR...}
 */
final class UnusedMethods {
  private static final String CLASS = ".class";
  private static final LocalDateTime TIME = LocalDateTime.of(2026, 11, 21, 0, 0);
  private static final Set<String> LOOKED_UP =
      Set.of("<init>", "<clinit>", "getDescriptor", "getDefaultInstance", "parser", "newBuilder", "values", "valueOf");

  /** A method of a class; its signature is its name and its type. */
  private record Method(String owner, String signature) {}

  private final Map<String, byte[]> others = new HashMap<>();
  private final Map<String, byte[]> own = new TreeMap<>();
  private final Map<String, ClassModel> models = new HashMap<>();
  private final Map<String, Map<String, MethodModel>> declared = new HashMap<>();
  private final Map<String, Set<String>> descendants = new HashMap<>();
  private final Set<Method> called = new HashSet<>();
  private final Set<Method> kept = new HashSet<>();
  private final Deque<Method> waiting = new ArrayDeque<>();
  private final ClassFile classFile =
      ClassFile.of(
          ClassFile.ConstantPoolSharingOption.NEW_POOL,
          ClassFile.DebugElementsOption.DROP_DEBUG,
          ClassFile.LineNumbersOption.DROP_LINE_NUMBERS,
          ClassFile.ClassHierarchyResolverOption.of(
              ClassHierarchyResolver.ofResourceParsing(this::stream)));

  private UnusedMethods(Path jar, Collection<Path> otherJars) throws IOException {
    for (Path other : otherJars) {
      classes(other).forEach(others::putIfAbsent);
    }
    own.putAll(classes(jar));
    for (String name : own.keySet()) {
      Map<String, MethodModel> methods = new LinkedHashMap<>();
      model(name).methods().forEach(method -> methods.put(signature(method), method));
      declared.put(name, methods);
      ancestors(name).stream()
          .filter(own::containsKey)
          .forEach(ancestor -> descendants.computeIfAbsent(ancestor, _ -> new LinkedHashSet<>()).add(name));
    }
  }

  public static void main(String[] arguments) throws IOException {
    List<Path> jars = List.of(arguments).stream().map(Path::of).toList();
    UnusedMethods unused = new UnusedMethods(jars.get(0), jars.subList(2, jars.size()));
    unused.find();
    unused.write(jars.get(0), jars.get(1));
  }

  private static Map<String, byte[]> classes(Path jar) throws IOException {
    Map<String, byte[]> classes = new LinkedHashMap<>();
    try (ZipFile zip = new ZipFile(jar.toFile())) {
      for (ZipEntry entry : zip.stream().toList()) {
        String name = entry.getName();
        if (name.endsWith(CLASS) && !name.startsWith("META-INF/") && !name.endsWith("module-info.class")) {
          classes.put(name.substring(0, name.length() - CLASS.length()), read(zip, entry));
        }
      }
    }
    return classes;
  }

  private static byte[] read(ZipFile zip, ZipEntry entry) throws IOException {
    try (InputStream content = zip.getInputStream(entry)) {
      return content.readAllBytes();
    }
  }

  private void find() {
    for (byte[] other : others.values()) {
      for (PoolEntry constant : classFile.parse(other).constantPool()) {
        if (constant instanceof MemberRefEntry member) {
          call(member.owner().asInternalName(), member.name().stringValue() + member.type().stringValue());
        }
      }
    }
    declared.forEach(
        (owner, methods) -> {
          Set<String> inherited = inheritedFromOutside(owner);
          methods.forEach(
              (signature, method) -> {
                if (LOOKED_UP.contains(method.methodName().stringValue()) || inherited.contains(signature)) {
                  keep(owner, signature);
                }
              });
        });
    while (!waiting.isEmpty()) {
      Method next = waiting.pop();
      declared.get(next.owner()).get(next.signature()).code().ifPresent(this::follow);
    }
  }

  private void follow(CodeModel code) {
    code.forEach(
        element -> {
          switch (element) {
            case InvokeInstruction invoke ->
                call(invoke.owner().asInternalName(), invoke.name().stringValue() + invoke.type().stringValue());
            case InvokeDynamicInstruction invoke -> invoke.bootstrapArgs().forEach(this::follow);
            case ConstantInstruction constant -> follow(constant.constantValue());
            default -> {}
          }
        });
  }

  private void follow(ConstantDesc constant) {
    if (constant instanceof DirectMethodHandleDesc handle) {
      String owner = handle.owner().descriptorString();
      call(owner.substring(1, owner.length() - 1), handle.methodName() + handle.lookupDescriptor());
    }
  }

  /** A call may end at what the owner declares or inherits, and at what its descendants declare. */
  private void call(String owner, String signature) {
    if (!own.containsKey(owner) || !called.add(new Method(owner, signature))) {
      return;
    }
    ancestors(owner).forEach(ancestor -> keep(ancestor, signature));
    descendants.getOrDefault(owner, Set.of()).forEach(descendant -> keep(descendant, signature));
  }

  private void keep(String owner, String signature) {
    if (declared.getOrDefault(owner, Map.of()).containsKey(signature)) {
      Method method = new Method(owner, signature);
      if (kept.add(method)) {
        waiting.push(method);
      }
    }
  }

  /** The class itself and all its superclasses and interfaces. */
  private Set<String> ancestors(String name) {
    Set<String> ancestors = new LinkedHashSet<>();
    Deque<String> next = new ArrayDeque<>(List.of(name));
    while (!next.isEmpty()) {
      String current = next.pop();
      if (ancestors.add(current)) {
        ClassModel model = model(current);
        model.superclass().map(ClassEntry::asInternalName).ifPresent(next::push);
        model.interfaces().forEach(parent -> next.push(parent.asInternalName()));
      }
    }
    return ancestors;
  }

  private Set<String> inheritedFromOutside(String name) {
    Set<String> signatures = new HashSet<>();
    for (String ancestor : ancestors(name)) {
      if (!own.containsKey(ancestor)) {
        model(ancestor).methods().forEach(method -> signatures.add(signature(method)));
      }
    }
    return signatures;
  }

  private static String signature(MethodModel method) {
    return method.methodName().stringValue() + method.methodType().stringValue();
  }

  private ClassModel model(String name) {
    return models.computeIfAbsent(name, _ -> classFile.parse(bytes(name).orElseThrow(() -> new IllegalStateException("no class " + name))));
  }

  private Optional<byte[]> bytes(String name) {
    byte[] found = own.getOrDefault(name, others.get(name));
    if (found != null) {
      return Optional.of(found);
    }
    try (InputStream system = ClassLoader.getSystemResourceAsStream(name + CLASS)) {
      return system == null ? Optional.empty() : Optional.of(system.readAllBytes());
    } catch (IOException e) {
      throw new IllegalStateException(name, e);
    }
  }

  private InputStream stream(ClassDesc type) {
    String name = type.descriptorString();
    return bytes(name.substring(1, name.length() - 1)).map(java.io.ByteArrayInputStream::new).orElse(null);
  }

  private void write(Path jar, Path target) throws IOException {
    try (ZipFile zip = new ZipFile(jar.toFile());
        OutputStream file = Files.newOutputStream(target);
        ZipOutputStream smaller = new ZipOutputStream(file)) {
      for (ZipEntry entry : zip.stream().toList()) {
        String name = entry.getName().endsWith(CLASS) ? entry.getName().substring(0, entry.getName().length() - CLASS.length()) : "";
        ZipEntry copy = new ZipEntry(entry.getName());
        copy.setTimeLocal(TIME);
        smaller.putNextEntry(copy);
        smaller.write(own.containsKey(name) ? without(name) : read(zip, entry));
        smaller.closeEntry();
      }
    }
  }

  private byte[] without(String name) {
    return classFile.transformClass(
        model(name),
        ClassTransform.dropping(
            element -> element instanceof MethodModel method && !kept.contains(new Method(name, signature(method)))));
  }
}
