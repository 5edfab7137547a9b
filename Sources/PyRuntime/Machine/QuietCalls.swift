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
    /// `dict.get`, `set.add`, `id`, `type` of an object and `issubclass`, each by a function of its own (`Helpers`)
    case dictGet, setAdd, identity, typeOf, subclass
    /// `getattr` and `hasattr`, where neither object nor descriptor has code of its own
    case attribute, hasAttribute

    /// The cases stand in the order of their numbers, so that the number is the case.
    @inline(__always) init?(code: UInt64) {
      guard code <= UInt64(Manner.hasAttribute.rawValue) else { return nil }
      self = unsafeBitCast(UInt8(truncatingIfNeeded: code), to: Manner.self)
    }
  }

  /// How a function is called quietly.
  struct Entry {
    var manner: Manner
    /// The call changes something: its receiver, or the state of random numbers.
    var hasEffect = false
    /// What is certain of the result
    var result = Known.any
  }

  private static let byFunction: [String: Entry] = {
    var table: [String: Entry] = [:]
    func add(_ owners: String, _ manner: Manner, _ names: String, hasEffect: Bool = false, _ result: Known = .any) {
      for owner in owners.split(separator: " ") {
        for name in names.split(separator: " ") {
          table[owner + "." + name] = Entry(manner: manner, hasEffect: hasEffect, result: result)
        }
      }
    }
    add("list", .any, "append clear reverse", hasEffect: true, .none)
    add("list", .any, "copy")
    add("list", .index, "insert", hasEffect: true, .none)
    add("list", .index, "pop", hasEffect: true)
    add("list", .items, "extend", hasEffect: true, .none)
    add("deque", .any, "append clear", hasEffect: true, .none)
    add("deque", .any, "appendleft pop popleft", hasEffect: true)
    add("str bytes", .plain, "find rfind index rindex count", .int)
    add(
      "str bytes", .plain,
      """
      startswith endswith strip lstrip rstrip split rsplit splitlines partition rpartition replace upper lower isdigit isalpha isalnum isspace \
      isupper islower isascii zfill ljust rjust center removeprefix removesuffix
      """)
    add("str", .plain, "title capitalize swapcase casefold istitle isidentifier isnumeric isdecimal isprintable expandtabs")
    add("bytes", .plain, "hex")
    add("str bytes", .texts, "join")
    add("bytearray", .plain, "append extend clear", hasEffect: true, .none)
    add("bytearray", .plain, "pop", hasEffect: true)
    add("int", .plain, "bit_length bit_count", .int)
    add("int", .plain, "to_bytes from_bytes")
    add("float", .plain, "is_integer")
    add("dict", .any, "keys values items copy")
    add("dict set", .any, "clear", hasEffect: true, .none)
    add("dict", .dictGet, "get")
    add("dict", .key, "setdefault", hasEffect: true)
    add("set", .any, "copy")
    add("set", .setAdd, "add", hasEffect: true, .none)
    add("set", .key, "discard", hasEffect: true, .none)
    add("set", .key, "remove", hasEffect: true)
    add("builtins", .plain, "ord", .int)
    add("builtins", .plain, "chr repr ascii hex bin oct", .cell(rt.types.str))
    add("builtins", .plain, "abs min max round divmod hash pow len")
    add("builtins", .any, "callable")
    add("builtins", .identity, "id")
    add("builtins", .classes, "isinstance")
    add("builtins", .subclass, "issubclass")
    add("builtins", .attribute, "getattr")
    add("builtins", .hasAttribute, "hasattr", .bool)
    add("math", .plain, "sqrt hypot sin cos", .float)
    add(
      "math", .plain,
      """
      floor ceil cbrt log log2 log10 log1p pow atan2 asin acos sinh cosh tanh degrees radians isnan isinf isfinite gcd lcm copysign fmod \
      modf frexp ldexp trunc isqrt comb perm exp2 expm1 erf fabs tan atan exp
      """)
    add("Random", .plain, "random", hasEffect: true, .float)
    add("Random", .plain, "getrandbits", hasEffect: true)
    add("Struct", .plain, "pack unpack unpack_from")
    add("time", .plain, "perf_counter monotonic time", .float)
    add("time", .plain, "perf_counter_ns monotonic_ns time_ns")
    return table
  }()

  /// How `callee` may be called with `count` arguments; nil for what may not.
  static func entry(for callee: Value, _ count: Int) -> Entry? {
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
      // Types of modules bear their names: "collections.deque".
      let short = owner.split(separator: ".").last.map(String.init) ?? owner
      return byFunction[short + "." + f.pointee.name.swiftString]
    }
    guard callee.cellType == types.type else { return nil }
    let type = callee.asType
    // Large ints are cells.
    if type == types.int { return Entry(manner: .plain) }
    if type == types.type { return count == 1 ? Entry(manner: .typeOf) : nil }
    if type == types.float { return Entry(manner: .plain, result: .float) }
    if type == types.bool { return Entry(manner: .plain, result: .bool) }
    if type == types.range || type == types.str { return Entry(manner: .plain, result: .cell(type)) }
    if type == types.list || type == types.tuple || type == types.bytes || type == types.bytearray {
      return Entry(manner: count == 0 ? .plain : .items, result: .cell(type))
    }
    if type == types.set || type == types.dict || type == types.frozenset {
      return count == 0 ? Entry(manner: .plain, result: .cell(type)) : nil
    }
    return type == types.enumerate || type == types.zip || type == types.reversed ? Entry(manner: .items, result: .cell(type)) : nil
  }

  /// How many arguments have to be looked at where `callee` is called with `count` of them, a method's receiver counted, and is a function that
  /// `direct` may call; nil for others.
  static func looked(_ callee: Value, _ count: Int, _ manner: Manner) -> Int? {
    let isMethod = callee.isExact(rt.types.methodDescriptor)
    guard isMethod || callee.isExact(rt.types.builtinFunction), case let f = callee.as(NativeFunctionLayout.self),
      f.pointee.flags.isDisjoint(with: .foreign), case let rest = isMethod ? count - 1 : count, rest >= 0,
      rest >= Int(f.pointee.minArgs), rest <= Int(f.pointee.maxArgs)
    else { return nil }
    switch manner {
    case .plain: return rest
    case .any: return 0
    case .index: return min(rest, 1)
    default: return nil
    }
  }

  /// Calls a function of which `looked` has told that this is all there is to do.
  /// - Parameter how: the number of arguments, and above it how many have to be plain
  @inline(__always)
  static func direct(
    _ f: UnsafeMutablePointer<NativeFunctionLayout>, _ receiver: Value, _ first: Registers, _ how: UInt64, _ top: MachineSteps.Raw?
  ) -> UInt64 {
    let plain = Int(how >> 8)
    var i = 0
    while i < plain {
      guard MachineSteps.isPlain(first[i]) else { return 0 }
      i &+= 1
    }
    if f.pointee.flags.contains(.adoptable), Adoption.isForeign(receiver) { return 0 }
    return MachineSteps.answer(0, above: top) { vm throws(Raised) in
      let args = Args(first, count: Int(how & 0xFF))
      switch f.pointee.shape {
      case .noArgs: return try NoArgsCode(code: f.pointee.code)(vm, receiver).bits
      case .one: return try OneCode(code: f.pointee.code)(vm, receiver, args[0]).bits
      case .two: return try TwoCode(code: f.pointee.code)(vm, receiver, args[0], args[1]).bits
      case .many:
        if !f.pointee.flags.isDisjoint(with: [.raw, .takesFewer]) || args.count == f.pointee.parameterCount {
          return try ManyCode(code: f.pointee.code)(vm, receiver, args).bits
        }
        return try NativeFunctions.callWithFewer(vm, f, receiver, args).bits
      }
    }
  }
  /// The receiver is what it has to be; where it is not the very type, this asks.
  @inline(never)
  static func isReceiver(_ v: Value, of f: UnsafeMutablePointer<NativeFunctionLayout>) -> Bool {
    let owner = f.pointee.owner
    return !owner.isType || v.isType || isReceiver(v, owner.asType)
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
    case .dictGet:
      guard rest == 1 || rest == 2 else { return .null }
      return dictGet(receiver, first[0], rest == 2 ? first[1] : .none)
    case .setAdd: return rest == 1 ? try MachineSteps.add(vm, receiver, first[0]) ? .none : .null : .null
    case .identity: return rest == 1 ? identity(first[0]) : .null
    case .typeOf: return rest == 1 ? Value(first[0].type) : .null
    case .subclass: return rest == 2 ? isSubclass(first[0], first[1]) : .null
    case .attribute:
      guard rest == 2 || rest == 3, let found = try attribute(vm, first[0], first[1]) else { return .null }
      return found.isNull && rest == 3 ? first[2] : found
    case .hasAttribute:
      guard rest == 2, let found = try attribute(vm, first[0], first[1]) else { return .null }
      return .bool(!found.isNull)
    }
    if isType {
      if callee == Value(types.str), rest == 1, first[0].isExactStr { return first[0] }
      return try TypeType.call(vm, callee, Args(first, count: rest))
    }
    return try NativeFunctions.call(vm, callee.as(NativeFunctionLayout.self), receiver, Args(first, count: rest))
  }

  // MARK: those with functions of their own

  /// The value of the key, or `fallback`; null for dicts of others and keys with code of their own.
  static func dictGet(_ dict: Value, _ key: Value, _ fallback: Value) -> Value {
    guard dict.isDict, case let d = dict.as(DictLayout.self), d.isOwn else { return .null }
    var hash = 0
    guard let probe = HashTable.probeAtOnce(d.table, key, HashTable.dictStride, &hash) else { return .null }
    guard probe.isFound, let entries = d.pointee.entries else { return fallback }
    return entries[probe.entry].value
  }
  /// Null where it does not fit an inline int.
  static func identity(_ v: Value) -> Value { VM.identityAtOnce(v) }
  /// True or false; null where a metaclass has a say.
  static func isSubclass(_ v: Value, _ cls: Value) -> Value {
    guard v.isCell, cls.isCell, v.isType, cls.isExact(rt.types.type), v.asType.pointee.flags.isDisjoint(with: .foreign) else {
      return .null
    }
    return .bool(v.asType.isSubtype(of: cls.asType))
  }

  /// `isinstance(value, cls)`; null where a metaclass or `__class__` has a say.
  static func isInstance(_ v: Value, _ cls: Value) -> Value {
    let outcome = Calls.isInstanceAtOnce(v.type, of: cls)
    return outcome < 0 ? .null : .bool(outcome != 0)
  }
  /// `str(value)` of a number, str or constant; else null.
  @inline(__always)
  static func text(_ v: Value, above top: MachineSteps.Raw?) -> Value {
    if v.isExactStr { return v }
    // Bytes may be warned about.
    guard MachineSteps.isPlain(v), !v.isExact(rt.types.bytes) else { return .null }
    return MachineSteps.answer(.null, above: top) { vm throws(Raised) in try vm.str(of: v) }
  }
  /// `getattr(value, name)` or null; `fallback`, if that is one, where there is no such attribute.
  static func getAttribute(_ v: Value, _ name: Value, _ fallback: Value, above top: MachineSteps.Raw?) -> Value {
    let found: Value
    if let quick = attributeAtOnce(v, name) {
      found = quick
    } else {
      guard let slow = attribute(v, name, above: top) else { return .null }
      found = slow
    }
    return found.isNull ? fallback : found
  }
  /// `hasattr(value, name)` or null.
  static func hasAttribute(_ v: Value, _ name: Value, above top: MachineSteps.Raw?) -> Value {
    if let quick = attributeAtOnce(v, name) { return .bool(!quick.isNull) }
    guard let found = attribute(v, name, above: top) else { return .null }
    return .bool(!found.isNull)
  }

  @inline(never)
  private static func attribute(_ v: Value, _ name: Value, above top: MachineSteps.Raw?) -> Value? {
    MachineSteps.answer(nil, above: top) { vm throws(Raised) in try attribute(vm, v, name) }
  }

  /// The attribute of an object that is no class, or null where it is missing; nil where it takes more than a look.
  @inline(__always)
  private static func attributeAtOnce(_ v: Value, _ name: Value) -> Value? {
    guard name.isExactStr, name.as(StrLayout.self).pointee.flags.contains(.interned) else { return nil }
    let type = v.type
    guard !v.isType, type.pointee.flags.isDisjoint(with: .foreign),
      type.pointee.slots.getAttribute == rt.types.object.pointee.slots.getAttribute
    else { return nil }
    let ofType = Types.lookup(type, name)
    if ofType.isNull { return Attributes.get(v, name) }
    let kind = ofType.type
    guard kind.pointee.slots.descriptorSet == nil else { return nil }
    let own = Attributes.get(v, name)
    if !own.isNull { return own }
    return kind.pointee.slots.descriptorGet == nil ? ofType : nil
  }

  /// An attribute that is had without Python code: null where it is missing, nil where it may take such code to know.
  private static func attribute(_ vm: VM, _ v: Value, _ name: Value) throws(Raised) -> Value? {
    guard name.isExactStr, name.as(StrLayout.self).pointee.flags.contains(.interned) else { return nil }
    let type = v.type, types = rt.types
    guard type.pointee.flags.isDisjoint(with: .foreign) else { return nil }
    let ofType = Types.lookup(type, name)
    guard ofType.isNull || ofType.type.pointee.slots.descriptorSet == nil else { return nil }
    if v.isType {
      guard type == types.type, v.asType.pointee.flags.isDisjoint(with: .foreign) else { return nil }
      let found = Types.lookup(v.asType, name)
      if found.isNull { return ofType.isNull ? .null : nil }
      guard let get = found.type.pointee.slots.descriptorGet else { return found }
      return bindsAtOnce(found) ? try get(vm, found, .null, v) : nil
    }
    guard type.pointee.slots.getAttribute == types.object.pointee.slots.getAttribute else { return nil }
    let own = Attributes.get(v, name)
    if !own.isNull { return own }
    guard !ofType.isNull, let get = ofType.type.pointee.slots.descriptorGet else { return ofType }
    return bindsAtOnce(ofType) ? try get(vm, ofType, v, Value(type)) : nil
  }
  private static func bindsAtOnce(_ found: Value) -> Bool {
    found.isExact(rt.types.function) || found.isExact(rt.types.methodDescriptor)
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
