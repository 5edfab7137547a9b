import Glibc
import Testing

/// The command line from outside: options, exit codes, bad input, pipes, the interactive session.
@Suite(.enabled(if: Checkout.hasAmphis, "the executable amphis was not built"))
struct CommandLineTests {
  private func amphis(_ arguments: String..., input: String? = nil, environment: [String: String] = [:]) -> ChildResult {
    Child.run([Checkout.amphis] + arguments, text: input, environment: environment)
  }

  private func shell(_ command: String) -> ChildResult {
    Child.run(["/bin/bash", "-c", command], environment: ["AMPHIS": Checkout.amphis])
  }

  @Test func version() {
    #expect(amphis("--version").text == "Python 3.11.2 (Amphis 0.1.0)\n")
    #expect(amphis("-V").text == "Python 3.11.2 (Amphis 0.1.0)\n")
    // Which image starts are made from.
    #expect(amphis("-VV").text.hasPrefix("Python 3.11.2 (Amphis 0.1.0, Swift 6)\nimage: "))
    #expect(amphis("-VV", "-X", "image=off").text.contains("\nimage: none ("))
    #expect(amphis("-VV", "-X", "image=/dev/null").text.contains("\nimage: none, for /dev/null is not of this build"))
    let names =
      "import sys, platform as p; print(sys.implementation.name, p.python_implementation(), p.python_version(), p.python_compiler())"
    #expect(amphis("-c", names).text == "amphis Amphis 3.11.2 Swift 6\n")
  }

  @Test func startedWithoutName() {
    #expect(shell("exec -a '' $AMPHIS -c 'import sys; print([sys.executable, sys._base_executable])'").text == "['', '']\n")
    let link = "d=$(mktemp -d)/$(printf 'n\\xff'); mkdir $d; ln -s $AMPHIS $d/python; "
    #expect(shell(link + "$d/python -c 'import sys; print(ascii(sys.executable)[-15:])'").text == "n\\udcff/python'\n")
  }

  @Test func help() {
    let answer = amphis("--help")
    #expect(answer.status == 0)
    #expect(answer.text.hasPrefix("usage: amphis "))
    #expect(answer.text.contains("--warn-lossy"))
  }

  @Test func unknownOption() {
    let answer = amphis("--no-such-option")
    #expect(answer.status == 2)
    #expect(answer.output.isEmpty)
    #expect(!answer.errors.isEmpty)
  }

  @Test func command() {
    let answer = amphis("-c", "import sys; print(sys.argv, 6 * 7)", "x", "-y")
    #expect(answer.text == "['-c', 'x', '-y'] 42\n")
    #expect(answer.status == 0)
  }

  /// An image serves the modules it has, changes nothing that a program sees, and is left alone when it is not this executable's.
  @Test func image() throws {
    let folder = "/tmp/amphis-image-\(getpid())"
    mkdir(folder, 0o700)
    let file = folder + "/good.image"
    defer { _ = Child.run(["/bin/rm", "-r", folder]) }
    #expect(amphis("--write-image=" + file).status == 0)
    let program = """
      import asyncio, collections, gc, json, re, sys, typing
      def g():
          yield from (1, 2)
      sys.settrace(lambda *a: None); json.dumps({'a': [1.5, None]}); sys.settrace(None)
      gc.collect()
      async def main(): return [x async for x in agen()]
      async def agen():
          for x in g(): yield x
      print(asyncio.run(main()), json.loads('[1]'), re.sub('a+', 'b', 'caat'), json.dumps.__code__.co_filename)
      print(sys.intern('dumps') is json.dumps.__name__, 'a' is json.loads('"a"'), type(gc.get_referents(json.dumps.__code__)))
      try: json.loads('{')
      except ValueError as e: print(e, e.__traceback__.tb_next.tb_frame.f_code.co_qualname)
      """
    let without = amphis("-X", "image=off", "-W", "ignore", "-c", program)
    #expect(without.status == 0)
    for options in [["-X", "gccheck"], ["-O"], ["-X", "no_debug_ranges"], ["-X", "frozen_modules=off"]] {
      let with = Child.run([Checkout.amphis, "-X", "image=" + file] + options + ["-W", "ignore", "-c", program])
      #expect(with.text == without.text && with.status == 0, "\(options)")
    }
    let addresses = "import json; print(id(json.dumps.__code__) >> 28 == 0x20000)"
    #expect(amphis("-X", "image=" + file, "-c", addresses).text == "True\n")
    #expect(amphis("-X", "image=off", "-c", addresses).text == "False\n")
    // Cut short, of another build, no image at all, not there.
    let copies =
      "cd \(folder) && head -c 100000 good.image > cut.image && cp good.image other.image && echo text > text.image"
      + " && printf '\\377\\377\\377' | dd of=other.image bs=1 seek=16 conv=notrunc 2>/dev/null"
    #expect(shell(copies).status == 0)
    for name in ["cut", "other", "text", "missing"] {
      #expect(amphis("-X", "image=\(folder)/\(name).image", "-c", addresses).text == "False\n", "\(name)")
    }
    let refused = amphis("--write-image=/nowhere/x.image")
    #expect(refused.status == 1 && refused.errorText.contains("cannot write /nowhere/x.image"))
  }

  @Test func module() {
    let answer = amphis("-m", "this")
    #expect(answer.status == 0)
    #expect(answer.text.hasPrefix("The Zen of Python, by Tim Peters\n"))
    let missing = amphis("-m", "no_such_module_here")
    #expect(missing.status == 1)
    #expect(missing.errorText.contains("No module named no_such_module_here"))
  }

  @Test func standardInput() {
    #expect(amphis(input: "print('from a pipe')\n").text == "from a pipe\n")
    #expect(amphis("-", "a", input: "import sys; print(sys.argv)\n").text == "['-', 'a']\n")
  }

  @Test(arguments: [
    ("pass", 0), ("raise SystemExit(3)", 3), ("import sys; sys.exit()", 0), ("import sys; sys.exit('told')", 1), ("1/0", 1),
    ("raise SystemExit(True)", 1), ("import os; os._exit(7)", 7), ("import sys; sys.exit(256 + 5)", 5),
  ])
  func exitCodes(source: String, code: Int) {
    #expect(amphis("-c", source).status == Int32(code))
  }

  @Test func missingFile() {
    let answer = amphis("/no/such/file.py")
    #expect(answer.status == 2)
    #expect(answer.errorText.hasSuffix("can't open file '/no/such/file.py': [Errno 2] No such file or directory\n"))
  }

  @Test func directoryWithoutMain() {
    let answer = amphis("/usr/share")
    #expect(answer.status == 1)
    #expect(answer.errorText.contains("can't find '__main__' module in '/usr/share'"))
  }

  @Test func syntaxErrors() {
    let answer = amphis("-c", "x = (1,\ny = 2\n")
    #expect(answer.status == 1)
    #expect(
      answer.errorText == """
          File "<string>", line 1
            x = (1,
                ^
        SyntaxError: '(' was never closed

        """)
  }

  @Test func tracebacksPointAtTheExpression() {
    let script = Child.temporaryFolder()
    defer { Child.removeFolder(script) }
    let path = script + "/t.py"
    Child.write(Array("def f(a, b):\n    return a + a / b\n\nf(1, 0)\n".utf8), to: path)
    let answer = amphis(path)
    #expect(answer.status == 1)
    #expect(
      answer.errorText == """
        Traceback (most recent call last):
          File "\(path)", line 4, in <module>
            f(1, 0)
          File "\(path)", line 2, in f
            return a + a / b
                       ~~^~~
        ZeroDivisionError: division by zero

        """)
  }

  /// None of these may end by a signal.
  @Test func badFiles() {
    let folder = Child.temporaryFolder()
    defer { Child.removeFolder(folder) }
    let files: [(String, [UInt8])] = [
      ("bytes.py", [0x78, 0x20, 0x3d, 0x20, 0x27, 0xff, 0xfe, 0x27, 0x0a]), ("nul.py", [0x78, 0x00, 0x79]),
      ("short.pyc", [0xa7, 0x0d, 0x0d, 0x0a]), ("cut.pyc", [0xa7, 0x0d, 0x0d, 0x0a] + [UInt8](repeating: 0, count: 12) + [0xe3, 0x00]),
      ("foreign.pyc", [0x6f, 0x0d, 0x0d, 0x0a] + [UInt8](repeating: 0, count: 40)),
    ]
    for (name, bytes) in files {
      let path = folder + "/" + name
      Child.write(bytes, to: path)
      let answer = amphis(path)
      #expect(answer.status == 1, "\(name): status \(answer.status), \(answer.errorText)")
      #expect(!answer.timedOut)
    }
  }

  @Test func closedPipe() {
    let answer = shell("\"$AMPHIS\" -c 'for i in range(100000): print(i)' | head -1; echo $((${PIPESTATUS[0]} < 128))")
    #expect(answer.text == "0\n1\n")
    #expect(answer.errorText.contains("BrokenPipeError"))
  }

  @Test func fullDevice() {
    let answer = shell("\"$AMPHIS\" -c 'print(1)' > /dev/full; echo $?")
    #expect(answer.text == "120\n")
    #expect(answer.errorText.contains("No space left on device"))
  }

  @Test func closedStandardOutput() {
    #expect(shell("\"$AMPHIS\" -c 'print(1)' >&-; echo $?").text == "0\n")
  }

  @Test func session() {
    let answer = amphis("-i", "-q", input: "import sys\nsys\ntype(sys.modules)\n")
    #expect(answer.text.split(separator: "\n") == ["<module 'sys' (built-in)>", "<class 'dict'>"] || answer.text.contains(">>> "))
    let lines = (answer.text + answer.errorText).replacing(">>> ", with: "").split(separator: "\n")
    #expect(lines.contains("<module 'sys' (built-in)>"))
    #expect(lines.contains("<class 'dict'>"))
    #expect(answer.status == 0)
  }

  @Test func sessionOfSeveralLines() {
    let input = "def f(x):\n    return x * 2\n\nf(21)\n_ + 1\n1/0\nprint('still here')\nexit(4)\n"
    let answer = amphis("-i", "-q", input: input)
    let lines = answer.text.replacing(">>> ", with: "").replacing("... ", with: "").split(separator: "\n")
    #expect(lines == ["42", "43", "still here"])
    #expect(answer.errorText.contains("ZeroDivisionError: division by zero"))
    #expect(answer.status == 4)
  }

  @Test func marshalOutput() {
    let answer = shell("\"$AMPHIS\" --emit=pyc -o /dev/stdout examples/wordcount.py | head -c 4 | od -An -tx1")
    #expect(answer.text.split(separator: " ").joined(separator: " ") == "a7 0d 0d 0a\n")
  }

  @Test func lossyReportsDoNotChangeTheOutput() {
    let plain = amphis("examples/lossy.py")
    #expect(plain.status == 0)
    let reported = amphis("--warn-lossy", "examples/lossy.py")
    #expect(reported.status == 0)
    #expect(reported.output == plain.output)
    #expect(reported.errorText.contains("LossyConversionWarning"))
  }

  @Test func showsEachStage() {
    let source = "def f(a):\n  return lambda: a + 1\n"
    func stage(_ name: String) -> String { amphis("--show=\(name)", "-", input: source).text }
    #expect(stage("tokens").contains("1:0-1:3         KEYWORD       'def'\n"))
    #expect(stage("tokens").contains("LPAR"))
    #expect(stage("ast").hasPrefix("Module(\n  body=["))
    #expect(stage("ast").contains("op=Add()"))
    #expect(stage("symbols").contains("a  parameter  cell: shared with functions inside"))
    #expect(stage("symbols").contains("a  used  free: a cell of a function around it"))
    #expect(stage("bytecode").contains("LOAD_CLOSURE"))
    #expect(stage("registers").contains("Register code of f.<locals>.<lambda>, line 2"))
    let both = amphis("--show=ast,bytecode", "-c", "x = 1")
    #expect(both.status == 0)
    #expect(both.text.hasPrefix("# ast\nModule("))
    #expect(both.text.contains("\n# bytecode\n"))
    #expect(!both.text.contains("\u{1B}"))
  }

  @Test func showingAWrongSourceSaysWhatIsWrong() {
    for stage in ["ast", "symbols", "bytecode", "registers"] {
      let answer = amphis("--show=\(stage)", "-c", "x = (1")
      #expect(answer.status == 1, "\(stage)")
      #expect(answer.errorText.contains("SyntaxError: '(' was never closed"), "\(stage)")
    }
    let broken = amphis("--show=tokens", "-c", "x = 'a")
    #expect(broken.status == 1)
    #expect(broken.errorText.contains("SyntaxError: unterminated string literal"))
    #expect(amphis("--show=nonsense", "-c", "x").status == 2)
    #expect(amphis("--show=ast").status == 2)
    #expect(amphis("--show=ast", "/no/such/file.py").status == 2)
  }
}
