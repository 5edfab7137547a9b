import Glibc

/// The struct sequences of `sys` and what they hold.
enum SysInfo {
  static func declare(_ m: ModuleBuilder, _ config: StartConfig) throws(Raised) {
    try version(m)
    try flags(m, config.flags)
    try numbers(m)
    try implementation(m)
    try moduleNames(m)
    unraisable = try StructSequence.makeType(
      m.vm, "UnraisableHookArgs", module: m.module, doc: "What sys.unraisablehook is told.",
      names: ["exc_type", "exc_value", "exc_traceback", "err_msg", "object"], visible: 5)
  }

  /// The type of what `sys.unraisablehook` is told
  nonisolated(unsafe) private(set) static var unraisable: StructSequence?

  private static func fill(_ m: ModuleBuilder, _ name: StaticString, _ s: StructSequence, _ values: [Value]) throws(Raised) {
    let v = try s.make(m.vm)
    for (i, x) in values.enumerated() where i < s.fields { v.as(TupleLayout.self).items[i] = x }
    m.value(name, v)
  }

  private static func versionValues(_ vm: VM) throws(Raised) -> [Value] {
    [Value(smallInt: 3), Value(smallInt: 11), Value(smallInt: 2), try vm.intern("final"), Value(smallInt: 0)]
  }

  private static func version(_ m: ModuleBuilder) throws(Raised) {
    let s = try StructSequence.makeType(
      m.vm, "sys.version_info", module: m.module, doc: "The version of the language as a named tuple.",
      names: ["major", "minor", "micro", "releaselevel", "serial"], visible: 5, instantiable: false)
    try fill(m, "version_info", s, try versionValues(m.vm))
  }

  private static func flags(_ m: ModuleBuilder, _ f: StartFlags) throws(Raised) {
    let s = try StructSequence.makeType(
      m.vm, "sys.flags", module: m.module, doc: "Command-line switches.",
      names: [
        "debug", "inspect", "interactive", "optimize", "dont_write_bytecode", "no_user_site", "no_site", "ignore_environment", "verbose",
        "bytes_warning", "quiet", "hash_randomization", "isolated", "dev_mode", "utf8_mode", "warn_default_encoding", "safe_path",
        "int_max_str_digits",
      ], visible: 18, instantiable: false)
    func n(_ b: Bool) -> Value { Value(smallInt: b ? 1 : 0) }
    func n(_ i: Int32) -> Value { Value(smallInt: Int(i)) }
    var v: [Value] = [n(f.debug), n(f.inspect), n(f.interactive), n(f.optimize), n(f.dontWriteBytecode), n(f.noUserSite), n(f.noSite)]
    v += [n(f.ignoreEnvironment), n(f.verbose), n(f.bytesWarning), n(f.quiet), n(f.hashSeed != 0), n(f.isolated)]
    v += [
      .bool(f.devMode), n(f.utf8Mode), n(f.warnDefaultEncoding), .bool(f.safePath),
      Value(smallInt: f.intMaxStrDigitsSet ? f.intMaxStrDigits : -1),
    ]
    try fill(m, "flags", s, v)
  }

  private static func numbers(_ m: ModuleBuilder) throws(Raised) {
    let vm = m.vm
    let floats = try StructSequence.makeType(
      vm, "sys.float_info", module: m.module, doc: "Properties of floats.",
      names: ["max", "max_exp", "max_10_exp", "min", "min_exp", "min_10_exp", "dig", "mant_dig", "epsilon", "radix", "rounds"], visible: 11)
    var v: [Value] = [
      Value(Double.greatestFiniteMagnitude), Value(smallInt: 1024), Value(smallInt: 308), Value(Double.leastNormalMagnitude),
    ]
    v += [Value(smallInt: -1021), Value(smallInt: -307), Value(smallInt: 15), Value(smallInt: 53), Value(Double.ulpOfOne)]
    v += [Value(smallInt: 2), Value(smallInt: 1)]
    try fill(m, "float_info", floats, v)
    let ints = try StructSequence.makeType(
      vm, "sys.int_info", module: m.module, doc: "Properties of ints. Digits are those of the format that marshal writes.",
      names: ["bits_per_digit", "sizeof_digit", "default_max_str_digits", "str_digits_check_threshold"], visible: 4)
    try fill(m, "int_info", ints, [Value(smallInt: 30), Value(smallInt: 4), Value(smallInt: 4300), Value(smallInt: 640)])
    let hashes = try StructSequence.makeType(
      vm, "sys.hash_info", module: m.module, doc: "Parameters of hashing.",
      names: ["width", "modulus", "inf", "nan", "imag", "algorithm", "hash_bits", "seed_bits", "cutoff"], visible: 9)
    v = [Value(smallInt: 64), try vm.int((1 << 61) - 1), Value(smallInt: 314_159), Value(smallInt: 0), Value(smallInt: 1_000_003)]
    v += [try vm.intern("siphash13"), Value(smallInt: 64), Value(smallInt: 128), Value(smallInt: 0)]
    try fill(m, "hash_info", hashes, v)
    let threads = try StructSequence.makeType(
      vm, "sys.thread_info", module: m.module, doc: "How threads are made.", names: ["name", "lock", "version"], visible: 3)
    try fill(m, "thread_info", threads, [try vm.intern("pthread"), try vm.intern("semaphore"), try threadLibrary(vm)])
  }

  /// The name and version that the C library gives its threads; None when it gives none.
  private static func threadLibrary(_ vm: VM) throws(Raised) -> Value {
    var text = (0 as UInt64, 0 as UInt64, 0 as UInt64, 0 as UInt64)
    let found = withUnsafeMutableBytes(of: &text) { bytes in
      let count = confstr(Int32(_CS_GNU_LIBPTHREAD_VERSION), bytes.baseAddress?.assumingMemoryBound(to: CChar.self), bytes.count)
      return count > 1 && count <= bytes.count ? String(decoding: bytes[..<(count - 1)], as: UTF8.self) : ""
    }
    return found.isEmpty ? .none : try vm.str(found)
  }

  private static func implementation(_ m: ModuleBuilder) throws(Raised) {
    let vm = m.vm
    let keywords = try vm.dict()
    try Dicts.set(vm, keywords, "name", try vm.intern("amphis"))
    try Dicts.set(vm, keywords, "cache_tag", try vm.str(PycCache.ownTag))
    try Dicts.set(vm, keywords, "version", Dicts.get(vm, m.dict, "version_info"))
    try Dicts.set(vm, keywords, "hexversion", try vm.int(0x030B02F0))
    try Dicts.set(vm, keywords, "_multiarch", try vm.str("x86_64-linux-gnu"))
    let empty = try vm.tuple(count: 0)
    m.value("implementation", try vm.call(Value(rt.types.simpleNamespace), tuple: empty, dict: keywords))
  }

  private static func moduleNames(_ m: ModuleBuilder) throws(Raised) {
    let vm = m.vm
    let all = try vm.list()
    let text = StandardModuleNames.text.rawBuffer
    var start = 0
    for i in 0...text.count where i == text.count || text[i] == UInt8(ascii: " ") || text[i] == UInt8(ascii: "\n") {
      if i > start { try vm.append(all, try vm.intern(utf8: UnsafeRawBufferPointer(rebasing: text[start..<i]))) }
      start = i + 1
    }
    m.value("stdlib_module_names", try vm.frozenSet(from: all))
    let builtin = try vm.set()
    for n in ModuleTable.names { try Sets.add(vm, builtin, try vm.intern(n)) }
    for n in CModules.builtInNames { try Sets.add(vm, builtin, try vm.intern(n)) }
    for n: StaticString in ["sys", "builtins"] { try Sets.add(vm, builtin, try vm.intern(n)) }
    let sorted = try vm.list(from: builtin)
    _ = try vm.callMethod(sorted, "sort")
    m.value("builtin_module_names", try vm.tuple(from: sorted))
  }
}
