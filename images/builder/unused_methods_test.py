import pathlib
import subprocess
import tempfile
import unittest

from builder import unused_methods

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
TIMEOUT = 60  # seconds

RUNTIME = """
package runtime;
public abstract class Message {
  public abstract int size();
}
"""
GENERATED = {
    "ListenerOrBuilder": "public interface ListenerOrBuilder { String getName(); String getUnread(); }",
    "Listener": """
public class Listener extends runtime.Message implements ListenerOrBuilder {
  private final String name;
  public Listener(String name) { this.name = name; }
  public static Listener getDefaultInstance() { return new Listener(""); }
  public String getName() { return checked(name); }
  public String getUnread() { return unread(); }
  public String getShown() { return "shown " + name; }
  public int size() { return name.length(); }
  private static String checked(String text) { return text.strip(); }
  private static String unread() { return ""; }
}""",
    "Builder": """
public class Builder implements ListenerOrBuilder {
  public String getName() { return "builder"; }
  public String getUnread() { return ""; }
  public Builder setName(String name) { return this; }
}""",
}
PRODUCT = """
package product;
public class Main {
  public static void main(String[] arguments) {
    generated.Listener listener = new generated.Listener(" web ");
    generated.ListenerOrBuilder either = arguments.length == 0 ? listener : new generated.Builder();
    java.util.function.Supplier<String> shown = listener::getShown;
    System.out.print(either.getName() + "," + shown.get() + "," + ((runtime.Message) listener).size());
  }
}
"""


class UnusedMethodsTest(unittest.TestCase):
    def setUp(self) -> None:
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)
        self.jdk = pathlib.Path(self.run_command(ROOT / "make" / "jdk").strip()) / "bin"

    def run_command(self, *command: object) -> str:
        return subprocess.run([str(word) for word in command], check=True, text=True, capture_output=True, timeout=TIMEOUT).stdout

    def jar(self, name: str, sources: dict[str, str], *class_path: pathlib.Path) -> pathlib.Path:
        source, classes, jar = self.folder / name, self.folder / f"{name}-classes", self.folder / f"{name}.jar"
        source.mkdir()
        for file, text in sources.items():
            (source / f"{file}.java").write_text(text)
        path = ":".join(map(str, class_path)) or "."
        self.run_command(self.jdk / "javac", "-g", "-d", classes, "--class-path", path, *sorted(source.iterdir()))
        self.run_command(self.jdk / "jar", "--create", "--file", jar, "-C", classes, ".")
        return jar

    def methods(self, jar: pathlib.Path, name: str) -> set[str]:
        said = self.run_command(self.jdk / "javap", "-private", "--class-path", jar, name)
        return {line.rpartition("(")[0].rpartition(" ")[2] for line in said.splitlines() if "(" in line}

    def test_leaves_out_what_no_call_in_reach_can_end_at(self) -> None:
        runtime = self.jar("runtime", {"Message": RUNTIME})
        generated = self.jar("generated", {name: f"package generated;{text}" for name, text in GENERATED.items()}, runtime)
        product = self.jar("product", {"Main": PRODUCT}, runtime, generated)
        before = generated.stat().st_size

        unused_methods.leave_out(generated, [product, runtime], self.jdk / "java")

        path = f"{runtime}:{generated}"
        self.assertEqual(
            self.methods(path, "generated.Listener"), {"generated.Listener", "getDefaultInstance", "getName", "checked", "getShown", "size"}
        )
        self.assertEqual(self.methods(path, "generated.ListenerOrBuilder"), {"getName"})
        self.assertEqual(self.methods(path, "generated.Builder"), {"generated.Builder", "getName"})
        self.assertLess(generated.stat().st_size, before)
        run = [self.jdk / "java", "-Xverify:all", "--class-path", f"{path}:{product}", "product.Main"]
        self.assertEqual(self.run_command(*run), "web,shown  web ,5")
        self.assertEqual(self.run_command(*run, "other"), "builder,shown  web ,5")


if __name__ == "__main__":
    unittest.main()
