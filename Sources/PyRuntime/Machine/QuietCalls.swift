/// Builtin functions, methods and types that machine code may call: with the right arguments they run no Python code, and when they raise they have
/// changed nothing.
enum QuietCalls {
  /// Which arguments are the right ones. Receivers are of the builtin type or derive from it: methods look at nothing else.
  enum Manner: Int {
    /// Numbers, strs, bytes and constants
    case plain
    /// Anything: they are not looked at.
    case any
    /// The first is plain, others are anything.
    case index
    /// The first is a builtin container or iterator, whose items are not looked at; others are plain.
    case items
    /// The same with an iterable of strs or bytes
    case texts
    /// The first is a key, compared with those of a dict or set, which is the receiver; others are not looked at.
    case key
    /// `isinstance`
    case classes
  }

  private static let byFunction: [String: Manner] = {
    var table: [String: Manner] = [:]
    func add(_ owner: String, _ manner: Manner, _ names: String) {
      for name in names.split(separator: " ") { table[owner + "." + name] = manner }
    }
    add("list", .any, "append clear reverse copy")
    add("list", .index, "insert pop")
    add("list", .items, "extend")
    add("deque", .any, "append appendleft pop popleft clear")
    add(
      "str", .plain,
      """
      find rfind index rindex count startswith endswith strip lstrip rstrip split rsplit splitlines partition rpartition replace upper lower title \
      capitalize swapcase casefold isdigit isalpha isalnum isspace isupper islower istitle isidentifier isnumeric isdecimal isprintable isascii zfill \
      ljust rjust center removeprefix removesuffix expandtabs
      """)
    add("str", .texts, "join")
    add(
      "bytes", .plain,
      """
      find rfind index rindex count startswith endswith strip lstrip rstrip split rsplit splitlines partition rpartition replace upper lower hex \
      isdigit isalpha isalnum isspace isupper islower isascii zfill ljust rjust center removeprefix removesuffix
      """)
    add("bytes", .texts, "join")
    add("bytearray", .plain, "append extend pop clear")
    add("int", .plain, "bit_length bit_count to_bytes from_bytes")
    add("float", .plain, "is_integer")
    add("dict", .any, "keys values items copy clear")
    add("dict", .key, "get setdefault")
    add("set", .any, "copy clear")
    add("set", .key, "add discard remove")
    add("builtins", .plain, "ord chr abs min max round divmod hash repr ascii hex bin oct pow len")
    add("builtins", .any, "id callable")
    add("builtins", .classes, "isinstance")
    add(
      "math", .plain,
      """
      floor ceil sqrt cbrt log log2 log10 log1p pow hypot atan2 asin acos sinh cosh tanh degrees radians isnan isinf isfinite gcd lcm copysign fmod \
      modf frexp ldexp trunc isqrt comb perm exp2 expm1 erf fabs sin cos tan atan exp
      """)
    add("Random", .plain, "random getrandbits")
    add("Struct", .plain, "pack unpack unpack_from")
    add("time", .plain, "perf_counter monotonic time perf_counter_ns monotonic_ns time_ns")
    return table
  }()

  /// How `callee` may be called; nil for what may not.
  static func manner(of callee: Value, _ count: Int) -> Manner? {
    guard callee.isCell else { return nil }
    let types = rt.types
    if callee.isExact(types.builtinFunction) || callee.isExact(types.methodDescriptor) {
      let f = callee.as(NativeFunctionLayout.self)
      guard !f.pointee.flags.contains(.foreign), f.pointee.name.isStr else { return nil }
      let owner: String
      if f.pointee.owner.isType {
        owner = f.pointee.owner.asType.pointee.name.swiftString
      } else if f.pointee.module.isStr {
        owner = f.pointee.module.swiftString
      } else {
        return nil
      }
      return byFunction[owner + "." + f.pointee.name.swiftString]
    }
    guard callee.cellType == types.type else { return nil }
    let type = callee.asType
    if type == types.range || type == types.int || type == types.float || type == types.bool || type == types.str { return .plain }
    if type == types.list || type == types.tuple || type == types.bytes || type == types.bytearray { return count == 0 ? .plain : .items }
    if type == types.set || type == types.dict || type == types.frozenset { return count == 0 ? .plain : nil }
    return type == types.enumerate || type == types.zip || type == types.reversed ? .items : nil
  }

  /// Whether a call changes something: its receiver, or the state of random numbers.
  static func hasEffect(_ callee: Value) -> Bool {
    guard callee.isExact(rt.types.builtinFunction) || callee.isExact(rt.types.methodDescriptor) else { return false }
    switch callee.as(NativeFunctionLayout.self).pointee.name.swiftString {
    case "append", "insert", "pop", "clear", "reverse", "extend", "appendleft", "popleft", "add", "discard", "remove", "setdefault",
      "random",
      "getrandbits":
      return true
    default: return false
    }
  }

  /// What is certain of the results.
  static func result(of callee: Value) -> Known {
    let types = rt.types
    if callee.isCell, callee.cellType == types.type {
      let type = callee.asType
      if type == types.float { return .float }
      if type == types.bool { return .bool }
      // Large ints are cells.
      return type == types.int ? .any : .cell(type)
    }
    switch callee.as(NativeFunctionLayout.self).pointee.name.swiftString {
    case "ord", "find", "rfind", "index", "rindex", "count", "bit_length", "bit_count": return .int
    case "chr", "hex", "oct", "bin", "repr", "ascii": return callee.isExact(types.builtinFunction) ? .cell(types.str) : .any
    case "random", "perf_counter", "monotonic", "time", "sqrt", "sin", "cos", "hypot": return .float
    case "append", "insert", "extend", "reverse", "add", "discard", "clear": return .none
    default: return .any
    }
  }

  /// - Parameter slot: `slot[0]` is not looked at; the arguments are behind it, a method's receiver first.
  /// - Returns: null where the arguments are not the right ones
  static func perform(_ vm: VM, _ callee: Value, _ slot: Registers, _ count: Int, _ manner: Manner?) throws(Raised) -> Value {
    guard let manner else { return .null }
    var first = slot + 1, rest = count
    var receiver = Value.null
    let types = rt.types
    let isType = callee.cellType == types.type
    if !isType {
      let f = callee.as(NativeFunctionLayout.self)
      if callee.isExact(types.methodDescriptor) {
        guard rest > 0, isReceiver(first[0], f.pointee.owner.asType) else { return .null }
        receiver = first[0]
        first += 1
        rest -= 1
      } else {
        receiver = f.pointee.receiver
        if f.pointee.owner.isType, !receiver.isType, !isReceiver(receiver, f.pointee.owner.asType) { return .null }
      }
      if f.pointee.flags.contains(.adoptable), Adoption.isForeign(receiver) { return .null }
    }
    switch manner {
    case .plain:
      guard MachineSteps.arePlain(first, rest) else { return .null }
      // Bytes may be warned about.
      if callee == Value(types.str), rest > 0, first[0].isExact(types.bytes) { return .null }
    case .any: break
    case .index: if rest > 0, !MachineSteps.isPlain(first[0]) { return .null }
    case .items, .texts:
      for i in 0..<rest {
        guard MachineSteps.isPlain(first[i]) || MachineSteps.isContainer(first[i]) || MachineSteps.isIterator(first[i]) else {
          return .null
        }
      }
      if manner == .texts {
        guard rest == 1, let run = Lists.plainItems(first[0]) else { return .null }
        guard MachineSteps.arePlain(run.items, run.count) else { return .null }
      }
    case .key:
      guard rest > 0 else { return .null }
      return try keyed(vm, callee, receiver, first, rest)
    case .classes:
      guard rest == 2 else { return .null }
      let outcome = Calls.isInstanceAtOnce(slot)
      return outcome < 0 ? .null : .bool(outcome != 0)
    }
    if isType {
      if callee == Value(types.str), rest == 1, first[0].isExactStr { return first[0] }
      return try TypeType.call(vm, callee, Args(first, count: rest))
    }
    return try NativeFunctions.call(vm, callee.as(NativeFunctionLayout.self), receiver, Args(first, count: rest))
  }

  @inline(__always)
  private static func isReceiver(_ v: Value, _ owner: TypeRef) -> Bool {
    v.isExact(owner) || v.type.isSubtype(of: owner) && v.type.pointee.flags.isDisjoint(with: .foreign)
  }

  private static func keyed(
    _ vm: VM, _ callee: Value, _ receiver: Value, _ arguments: Registers, _ count: Int
  ) throws(Raised) -> Value {
    let isDict = receiver.isExact(rt.types.dict)
    guard isDict || receiver.isExact(rt.types.set),
      MachineSteps.isKnownKey(receiver, arguments[0], isDict ? HashTable.dictStride : HashTable.setStride)
    else { return .null }
    return try NativeFunctions.call(vm, callee.as(NativeFunctionLayout.self), receiver, Args(arguments, count: count))
  }
}
