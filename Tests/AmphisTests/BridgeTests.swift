import Glibc
import Testing

/// The bridge from outside: forced modules, where imports come from, a libpython that is missing or not what it should be.
@Suite(.enabled(if: Checkout.hasAmphis, "the executable amphis was not built"))
struct BridgeTests {
  private func amphis(_ arguments: String..., environment: [String: String] = [:]) -> ChildResult {
    Child.run([Checkout.amphis] + arguments, environment: environment)
  }

  @Test func wholePackageFromLibpython() {
    let program = """
      import json, json.decoder
      print(json.dumps({'a': [1, 2]}), json.loads('{"b": [1.5, null]}'))
      print(json.loads('{"a": 1}', object_hook=lambda d: sorted(d.items())))
      class Encoder(json.JSONEncoder):
          def default(self, o): return repr(o)
      print(json.dumps([2j], cls=Encoder))
      try: json.loads('{')
      except json.JSONDecodeError as e: print(e.pos, e, json.JSONDecodeError is json.decoder.JSONDecodeError)
      """
    let expected = """
      {"a": [1, 2]} {'b': [1.5, None]}
      [('a', 1)]
      ["2j"]
      1 Expecting property name enclosed in double quotes: line 1 column 2 (char 1) True

      """
    let forced = amphis("--cpython=json", "-X", "importorigin", "-c", program)
    #expect(forced.text == expected)
    #expect(forced.errorText.contains("import json # cpython\n"))
    #expect(forced.errorText.contains("import json.decoder # cpython\n"))
    let own = amphis("-X", "importorigin", "-c", program)
    #expect(own.text == expected)
    #expect(own.errorText.contains("import json # interpreted\n"))
  }

  @Test func originsOfImports() {
    let answer = amphis("-X", "importorigin", "-c", "import colorsys, cmath, _bisect")
    #expect(answer.errorText.contains("import colorsys # interpreted\n"))
    #expect(answer.errorText.contains("import cmath # cpython\n"))
    #expect(answer.errorText.contains("import _bisect # native\n"))
  }

  @Test func unknownForcedModule() {
    let answer = amphis("--cpython=no_such_module", "-c", "print(1)")
    #expect(answer.status != 0)
    #expect(answer.text.isEmpty)
    #expect(answer.errorText.contains("No module named 'no_such_module'"))
  }

  // MARK: libpython

  private func usesC(_ library: String) -> ChildResult {
    amphis(
      "-c",
      """
      print('before')
      try: import cmath
      except ImportError as e: print(type(e).__name__, e.name, e)
      print('after', sum(range(10)))
      """, environment: ["AMPHIS_LIBPYTHON": library])
  }

  @Test func missingLibrary() {
    let answer = usesC("/nowhere/libpython3.11.so.1.0")
    #expect(answer.status == 0)
    #expect(answer.text.hasPrefix("before\nImportError cmath C module 'cmath' needs libpython: /nowhere/libpython3.11.so.1.0"))
    #expect(answer.text.contains("(Debian: libpython3.11)"))
    #expect(answer.text.hasSuffix("after 45\n"))
  }

  @Test func fileThatIsNoLibrary() {
    for file in ["/etc/passwd", "/dev/null", "/"] {
      let answer = usesC(file)
      #expect(answer.status == 0, "\(file)")
      #expect(answer.text.contains("ImportError cmath C module 'cmath' needs libpython: "), "\(file): \(answer.text)")
      #expect(answer.text.hasSuffix("after 45\n"))
    }
  }

  @Test func libraryThatIsNoPython() {
    let answer = usesC("libc.so.6")
    #expect(answer.status == 0)
    #expect(answer.text.contains("ImportError cmath C module 'cmath' needs libpython: it has no Py"))
    #expect(answer.text.contains("(Debian: libpython3.11)"))
    #expect(answer.text.hasSuffix("after 45\n"))
  }

  @Test func libraryOfAnotherVersion() throws {
    var name = Array("/tmp/amphis-fake-XXXXXX".utf8CString)
    let folder = try #require(mkdtemp(&name).map { String(cString: $0) })
    defer { _ = Child.run(["/bin/rm", "-r", folder]) }
    // The compiler that comes with the Swift toolchain, wherever that is.
    let path = getenv("PATH").map { String(cString: $0) } ?? ""
    let made = Child.run([
      "/usr/bin/env", "PATH=\(path)", "/bin/sh", "-c",
      "echo 'const char *Py_GetVersion(void) { return \"3.12.4 (main)\"; }' > \(folder)/v.c && clang -shared -fPIC -o \(folder)/v.so \(folder)/v.c",
    ])
    try #require(made.status == 0, "clang comes with the toolchain: \(made.errorText)")
    let answer = usesC(folder + "/v.so")
    #expect(answer.status == 0)
    #expect(answer.text.contains("v.so is Python 3.12.4, not 3.11; install CPython 3.11's shared library (Debian: libpython3.11)"))
    #expect(answer.text.hasSuffix("after 45\n"))
  }

  /// Without C modules nothing of libpython is looked for.
  @Test func scriptsWithoutCModules() {
    let answer = amphis(
      "-c", "import os, re, json, collections; print(json.dumps([1]), os.path.basename('/a/b'), 'zlib' in __import__('sys').modules)",
      environment: ["AMPHIS_LIBPYTHON": "/nowhere"])
    #expect(answer.text == "[1] b False\n")
    #expect(answer.status == 0)
  }

  /// An interrupt from outside ends a blocking C call; the exit code is that of a program killed by SIGINT.
  @Test func interruptInBlockingCall() {
    let program = """
      import os, select, signal, subprocess, sys, time
      child = subprocess.Popen([sys.executable, '-c', 'import select; print("ready", flush=True); select.select([], [], [], 30)'],
                               stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                               preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler))
      child.stdout.readline()
      time.sleep(0.5)
      start = time.monotonic()
      child.send_signal(signal.SIGINT)
      errors = child.communicate()[1]
      print(child.returncode, errors.strip().splitlines()[-1], time.monotonic() - start < 10)
      """
    let answer = amphis("-c", program)
    #expect(answer.text == "-2 KeyboardInterrupt True\n")
  }
}
