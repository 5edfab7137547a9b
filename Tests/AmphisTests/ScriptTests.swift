import Foundation
import Testing

/// Programs run as a user runs them, by the `amphis` executable of this build.
@Suite(.serialized) struct ScriptTests {
  static let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

  /// The executable beside the test bundle.
  static let amphis: String = {
    var folder = URL(fileURLWithPath: CommandLine.arguments[0]).resolvingSymlinksInPath().deletingLastPathComponent()
    for _ in 0..<4 {
      let candidate = folder.appendingPathComponent("amphis").path
      if FileManager.default.isExecutableFile(atPath: candidate) { return candidate }
      folder.deleteLastPathComponent()
    }
    return root.appendingPathComponent(".build/debug/amphis").path
  }()

  struct Outcome {
    var code: Int32
    var output: String
    var errors: String
  }

  static func run(_ program: String, _ arguments: [String], input: String = "", folder: URL = root) throws -> Outcome {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: program)
    process.arguments = arguments
    process.currentDirectoryURL = folder
    var environment = ProcessInfo.processInfo.environment
    environment["PYTHONDONTWRITEBYTECODE"] = "1"
    environment["HOME"] = NSTemporaryDirectory()
    process.environment = environment
    let stdin = Pipe(), stdout = Pipe(), stderr = Pipe()
    process.standardInput = stdin
    process.standardOutput = stdout
    process.standardError = stderr
    try process.run()
    stdin.fileHandleForWriting.write(Data(input.utf8))
    try stdin.fileHandleForWriting.close()
    let group = DispatchGroup()
    nonisolated(unsafe) var errors = Data()
    DispatchQueue.global().async(group: group) { errors = stderr.fileHandleForReading.readDataToEndOfFile() }
    let output = stdout.fileHandleForReading.readDataToEndOfFile()
    group.wait()
    process.waitUntilExit()
    let code = process.terminationReason == .uncaughtSignal ? -process.terminationStatus : process.terminationStatus
    return Outcome(code: code, output: String(decoding: output, as: UTF8.self), errors: String(decoding: errors, as: UTF8.self))
  }

  static func amphis(_ arguments: String..., input: String = "") throws -> Outcome { try run(amphis, arguments, input: input) }

  static let areas =
    (try? FileManager.default.contentsOfDirectory(atPath: root.appendingPathComponent("Tests/Python").path))?
    .filter { !$0.contains(".") }.sorted() ?? []

  /// Each script prints what CPython prints.
  @Test(arguments: areas) func scriptsPrintWhatCPythonPrints(_ area: String) throws {
    let outcome = try Self.run(
      "/usr/bin/python3", ["Tools/run_scripts.py", "--jobs", "2", "--timeout", "400", "--interp", Self.amphis, "Tests/Python/\(area)"])
    #expect(outcome.code == 0, "\(outcome.output)\(outcome.errors)")
    print(outcome.output)
  }

  @Test func thereAreScripts() {
    #expect(Self.areas.count >= 6)
  }

  @Test func examplesPrintWhatCPythonPrints() throws {
    let outcome = try Self.run(
      "/usr/bin/python3", ["Tools/run_scripts.py", "--known", "examples/known-failures.txt", "--interp", Self.amphis, "examples"])
    #expect(outcome.code == 0, "\(outcome.output)\(outcome.errors)")
    print(outcome.output)
  }

  /// The same with options, which what they print does not depend on.
  /// - Parameter timeout: of a script, seconds
  private func scriptsPrintTheSame(under options: String, timeout: Int = 400, _ paths: String...) throws {
    let outcome = try Self.run(
      "/usr/bin/python3",
      ["Tools/run_scripts.py", "--jobs", "2", "--interp", Self.amphis, "--options", options, "--timeout", "\(timeout)"] + paths)
    #expect(outcome.code == 0, "\(outcome.output)\(outcome.errors)")
  }

  /// The whole heap is looked over after each collection.
  @Test func scriptsUnderTheHeapChecker() throws {
    try scriptsPrintTheSame(under: "-X gccheck", timeout: 120, "Tests/Python/stress", "Tests/Python/collections")
  }

  /// Stores into what a full collection has kept: every third collection is a full one, and before each other one the checker looks for stores
  /// that nobody has noted.
  @Test func storesIntoKeptCells() throws {
    try scriptsPrintTheSame(under: "-X gccheck -X gcstress=211 -S", "Tests/Python/objects/kept_cells.py")
  }

  // MARK: command line

  @Test func version() throws {
    #expect(try Self.amphis("--version").output == "Python 3.11.2 (Amphis 0.1.0)\n")
  }

  @Test func commandAndExitCodes() throws {
    #expect(try Self.amphis("-c", "print(6 * 7)").output == "42\n")
    #expect(try Self.amphis("-c", "import sys; sys.exit(3)").code == 3)
    #expect(try Self.amphis("-c", "raise SystemExit('bye')").errors == "bye\n")
    #expect(try Self.amphis("-c", "1/0").code == 1)
    #expect(try Self.amphis("nothing-there.py").code == 2)
    #expect(try Self.amphis("-Z").code == 2)
  }

  @Test func standardInput() throws {
    #expect(try Self.amphis("-", "a", input: "import sys\nprint(sys.argv)\n").output == "['-', 'a']\n")
    #expect(try Self.amphis(input: "print('piped')\n").output == "piped\n")
  }

  @Test func tracebackHasCarets() throws {
    let outcome = try Self.amphis("-c", "import json\njson.loads('{')")
    #expect(outcome.code == 1)
    #expect(outcome.errors.contains("Traceback (most recent call last):"))
    #expect(
      outcome.errors.contains("json.decoder.JSONDecodeError: Expecting property name enclosed in double quotes: line 1 column 2 (char 1)"))
  }

  @Test func syntaxErrorsPointAtTheirPlace() throws {
    let outcome = try Self.amphis("-c", "x = (1,\ny = 2")
    #expect(outcome.errors == "  File \"<string>\", line 1\n    x = (1,\n        ^\nSyntaxError: '(' was never closed\n")
  }

  @Test func session() throws {
    let outcome = try Self.amphis("-i", "-q", input: "import sys\nsys\ntype(sys.modules)\nif 1:\n  3 + 4\n\n_\n")
    let shown = outcome.output.replacingOccurrences(of: ">>> ", with: "").replacingOccurrences(of: "... ", with: "")
    #expect(shown == "<module 'sys' (built-in)>\n<class 'dict'>\n7\n7\n")
  }

  @Test func emitsWhatCPythonLoads() throws {
    let file = NSTemporaryDirectory() + "amphis-emit-\(getpid()).pyc"
    defer { unlink(file) }
    let emitted = try Self.amphis("--emit=pyc", "Tests/Python/numbers/int_methods.py", "-o", file)
    #expect(emitted.code == 0)
    let outcome = try Self.run("/usr/bin/python3", [file])
    #expect(outcome.code == 0)
    #expect(outcome.output == (try Self.amphis("Tests/Python/numbers/int_methods.py")).output)
  }
}
