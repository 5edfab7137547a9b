// What the handlers (`Threaded.swift`) do themselves of instructions that otherwise allocate, raise or run Python code: a cell from a free
// list, a look-up whose comparisons are all between ints and strs, a step of an iterator that is not at its end. Whatever is not plain is
// answered with "no" before anything has changed, and the instruction's slow part does it all.

import CRuntimeSupport
import Glibc

// MARK: making objects

extension Builders {
  /// A tuple whose items the caller fills in before anything else is allocated.
  @inline(__always)
  static func unfilledTupleAtOnce(_ count: Int) -> UnsafeMutablePointer<TupleLayout>? {
    guard let cell = rt.heapPointer.pointee.allocateAtOnce(TupleLayout.itemsOffset &+ count &* 8) else { return nil }
    let tuple = cell.assumingMemoryBound(to: TupleLayout.self)
    tuple.pointee.header = CellHeader(rt.types.tuple)
    tuple.pointee.count = count
    return tuple
  }

  @inline(__always)
  static func tupleAtOnce(_ items: Registers, _ count: Int) -> Value {
    guard count > 0, let tuple = unfilledTupleAtOnce(count) else { return .null }
    let target = tuple.items
    var i = 0
    repeat {
      target[i] = items[i]
      i &+= 1
    } while i < count
    return Value(tuple)
  }

  /// An empty dict, or null.
  @inline(__always)
  static func dictAtOnce() -> Value {
    let size = MemoryLayout<DictLayout>.size
    guard let cell = rt.heapPointer.pointee.allocateAtOnce(size) else { return .null }
    var offset = 0
    while offset < size {
      cell.storeBytes(of: .zero, toByteOffset: offset, as: SIMD2<UInt64>.self)
      offset &+= 16
    }
    let dict = cell.assumingMemoryBound(to: DictLayout.self)
    dict.pointee.header = CellHeader(rt.types.dict)
    dict.pointee.stringKeysOnly = true
    return Value(dict)
  }

  /// A list of `count` items, at least one, that the caller fills in before anything else is allocated. What its buffer's cell has beyond
  /// them is null, and the list's.
  @inline(__always)
  static func unfilledListAtOnce(_ count: Int) -> UnsafeMutablePointer<ListLayout>? {
    let bytes = (BufferCell.headerSize &+ count &* 8 &+ 15) & ~15
    guard let buffer = rt.heapPointer.pointee.allocateAtOnce(bytes) else { return nil }
    guard let cell = rt.heapPointer.pointee.allocateAtOnce(MemoryLayout<ListLayout>.size) else {
      rt.heapPointer.pointee.putBack(buffer, bytes)
      return nil
    }
    let capacity = (bytes &- BufferCell.headerSize) / 8
    buffer.assumingMemoryBound(to: CellHeader.self).pointee = CellHeader(rt.types.valueBuffer)
    buffer.storeBytes(of: capacity, toByteOffset: 8, as: Int.self)
    let items = (buffer + BufferCell.headerSize).assumingMemoryBound(to: Value.self)
    items[capacity &- 1] = .null
    let list = cell.assumingMemoryBound(to: ListLayout.self)
    list.pointee = ListLayout(
      header: CellHeader(rt.types.list), items: items, count: count, capacity: capacity, foreign: nil)
    return list
  }

  @inline(__always)
  static func listAtOnce(_ items: Registers, _ count: Int) -> Value {
    if count == 0 {
      guard let cell = rt.heapPointer.pointee.allocateAtOnce(MemoryLayout<ListLayout>.size) else { return .null }
      let list = cell.assumingMemoryBound(to: ListLayout.self)
      list.pointee = ListLayout(header: CellHeader(rt.types.list), items: nil, count: 0, capacity: 0, foreign: nil)
      return Value(list)
    }
    guard let list = unfilledListAtOnce(count), let target = list.pointee.items else { return .null }
    var i = 0
    repeat {
      target[i] = items[i]
      i &+= 1
    } while i < count
    return Value(list)
  }
}

extension Quickening {
  /// For a call of `list.append` with one argument.
  static func append(_ pc: CodePointer, _ receiver: Value) {
    guard mayQuicken(pc), receiver.isExact(rt.types.list) else { return }
    switch pc.pointee.instruction {
    case .callMethod: if pc.pointee.c == 1 { pc.pointee.instruction = .callMethodAppend }
    case .callMethod1: pc.pointee.instruction = .callMethod1Append
    default: break
    }
  }

  /// For a call of a native function or a builtin type.
  static func native(_ pc: CodePointer) {
    guard mayQuicken(pc) else { return }
    switch pc.pointee.instruction {
    case .call: pc.pointee.instruction = .callNative
    case .call1: pc.pointee.instruction = .call1Native
    case .callMethod: pc.pointee.instruction = .callMethodNative
    case .callMethod1: pc.pointee.instruction = .callMethod1Native
    default: break
    }
  }

  /// For a call of `len` or `isinstance`.
  static func builtin(_ pc: CodePointer, _ callee: Value, _ slot: Registers, _ count: Int) {
    guard mayQuicken(pc) else { return }
    if callee == rt.pointee.lenFunction {
      guard count == 1, Calls.lengthAtOnce(callee, slot[1]) >= 0 else { return }
      switch pc.pointee.instruction {
      case .call: pc.pointee.instruction = .callLen
      case .call1: pc.pointee.instruction = .call1Len
      default: break
      }
    } else if count == 2, Calls.isInstanceAtOnce(slot) >= 0, pc.pointee.instruction == .call {
      pc.pointee.instruction = .callIsInstance
    }
  }
}

extension Calls {
  /// `callee(container)` if that is the builtin `len` of a container of ours; else -1. Where a thread traces, calls are told to it: -1.
  @inline(never)
  static func lengthAtOnce(_ callee: Value, _ container: Value) -> Int {
    guard callee == rt.pointee.lenFunction, rt.pointee.evalBreaker == 0, container.isCell else { return -1 }
    let type = container.cellType
    if type == rt.types.list, container.as(ListLayout.self).isOwn { return container.as(ListLayout.self).pointee.count }
    if type == rt.types.tuple { return container.as(TupleLayout.self).pointee.count }
    if type == rt.types.str { return container.as(StrLayout.self).pointee.length }
    if type == rt.types.dict, container.as(DictLayout.self).isOwn { return container.as(DictLayout.self).pointee.count }
    if type == rt.types.set, container.as(SetLayout.self).isOwn { return container.as(SetLayout.self).pointee.count }
    if type == rt.types.bytes { return container.as(BytesLayout.self).pointee.count }
    return -1
  }

  /// 1 or 0 if `slot` holds the builtin `isinstance`, an object and a class or tuple of classes that leave the question to `type`, and no
  /// `__class__` can change the answer; else -1.
  @inline(never)
  static func isInstanceAtOnce(_ slot: Registers) -> Int {
    guard slot[0] == rt.pointee.isInstanceFunction, rt.pointee.evalBreaker == 0 else { return -1 }
    return isInstanceAtOnce(slot[1].type, of: slot[2])
  }
  /// The same of an object's type and what `isinstance` is asked about.
  @inline(__always)
  static func isInstanceAtOnce(_ type: TypeRef, of cls: Value) -> Int {
    guard cls.isCell else { return -1 }
    if cls.cellType == rt.types.tuple {
      let classes = cls.as(TupleLayout.self)
      var i = 0
      while i < classes.pointee.count {
        let outcome = isInstanceAtOnce(type, classes.items[i])
        if outcome != 0 { return outcome }
        i &+= 1
      }
    } else {
      let outcome = isInstanceAtOnce(type, cls)
      if outcome != 0 { return outcome }
    }
    let flags = type.pointee.flags
    if flags.isDisjoint(with: [.heapType, .foreign]) { return 0 }
    // Only a property or `__getattribute__` gives an instance another `__class__`.
    guard !flags.contains(.foreign), !flags.isDisjoint(with: [.genericGetAttribute, .hookedGetAttribute]) else { return -1 }
    if type.pointee.plainClassVersion == type.pointee.version, type.pointee.version != 0 { return 0 }
    guard Types.lookup(type, rt.names.__class__) == Types.lookup(rt.types.object, rt.names.__class__) else { return -1 }
    type.pointee.plainClassVersion = type.pointee.version
    return 0
  }

  /// The same of an object's type and one class, as far as the mro tells.
  @inline(__always)
  private static func isInstanceAtOnce(_ type: TypeRef, _ cls: Value) -> Int {
    guard cls.isCell else { return -1 }
    if cls.cellType != rt.types.type {
      guard cls.isType else { return -1 }
      if type == cls.asType { return 1 }
      guard checksAsType(cls.cellType) else { return -1 }
    }
    return type.isSubtype(of: cls.asType) ? 1 : 0
  }

  /// Whether `isinstance` of the metaclass's classes is that of `type`.
  @inline(__always)
  private static func checksAsType(_ metaclass: TypeRef) -> Bool {
    if metaclass.pointee.plainCheckVersion == metaclass.pointee.version, metaclass.pointee.version != 0 { return true }
    let check = rt.names.__instancecheck__
    guard Types.lookup(metaclass, check) == Types.lookup(rt.types.type, check) else { return false }
    metaclass.pointee.plainCheckVersion = metaclass.pointee.version
    return true
  }

  /// Whether calling it may push a frame: a Python function, a class or a bound method. Native functions are not looked at any further.
  @inline(__always)
  static func pushesFrame(_ callee: Value) -> Bool {
    guard callee.isCell else { return false }
    let type = callee.cellType
    return type == rt.types.function || type == rt.types.type || type == rt.types.boundMethod
  }

  /// The frame of a call that is not as plain as `pushPlain` wants it: out of a generator, of a Python function that takes defaults for the
  /// arguments left out or takes some in a tuple or by keyword only, or of the `__init__` of a class. Nil for everything else, and then nothing has happened.
  @inline(never)
  static func frameAtOnce(_ vm: VM, _ caller: Registers, _ pc: CodePointer, _ slot: Registers, _ count: Int) -> Registers? {
    guard slot[0].isCell, rt.pointee.evalBreaker == 0 else { return nil }
    let type = slot[0].cellType
    if type == rt.types.function {
      return pushFast(vm, caller, pc, slot, count) ?? pushWithDefaults(vm, caller, pc, slot, count)
        ?? pushBinding(vm, caller, pc, slot, count)
    }
    return type == rt.types.type ? instantiateAtOnce(vm, caller, pc, slot, count) : pushBound(vm, caller, pc, slot, count)
  }

  /// The frame of a bound method's Python function that takes exactly these arguments behind the receiver.
  @inline(__always)
  private static func pushBound(
    _ vm: VM, _ caller: Registers, _ pc: CodePointer, _ slot: Registers, _ count: Int
  ) -> Registers? {
    guard slot[0].isExact(rt.types.boundMethod) else { return nil }
    let method = slot[0].as(BoundMethodLayout.self)
    let function = method.pointee.function
    guard function.isExact(rt.types.function) else { return nil }
    let code = function.as(FunctionLayout.self).pointee.code.as(CodeLayout.self)
    guard Int(code.pointee.simpleArgs) == count &+ 1 else { return nil }
    let thread = vm.thread
    let base = caller.isGeneratorFrame ? thread.pointee.stackTop + FrameLayout.calleeOffset : slot
    let fp = base + 1
    let top = fp + Int(code.pointee.registerCount)
    guard vm.hasStack(for: top), thread.pointee.recursionDepth < rt.pointee.recursionLimit else { return nil }
    var i = count
    while i > 0 {
      base[i &+ 1] = slot[i]
      i &-= 1
    }
    base[1] = method.pointee.receiver
    base[0] = function
    clear(fp, from: count &+ 1, to: Int(code.pointee.nlocalsplus))
    caller.framePC = pc
    enter(thread, fp, from: caller, top)
    return fp
  }

  @inline(__always)
  private static func pushWithDefaults(
    _ vm: VM, _ caller: Registers, _ pc: CodePointer, _ slot: Registers, _ count: Int
  ) -> Registers? {
    let function = slot[0].as(FunctionLayout.self)
    let code = function.pointee.code.as(CodeLayout.self)
    let wanted = Int(code.pointee.simpleArgs)
    guard wanted > count, !function.pointee.defaults.isNull, case let defaults = function.pointee.defaults.as(TupleLayout.self),
      case let first = defaults.pointee.count &- (wanted &- count), first >= 0
    else { return nil }
    let thread = vm.thread
    let isGenerator = caller.isGeneratorFrame
    let fp = (isGenerator ? thread.pointee.stackTop + FrameLayout.calleeOffset : slot) + 1
    let top = fp + Int(code.pointee.registerCount)
    guard vm.hasStack(for: top), thread.pointee.recursionDepth < rt.pointee.recursionLimit else { return nil }
    if isGenerator {
      fp.frameCallee = slot[0]
      for i in 0..<count { fp[i] = slot[i &+ 1] }
    }
    for i in count..<wanted { fp[i] = defaults.items[first &+ i &- count] }
    clear(fp, from: wanted, to: Int(code.pointee.nlocalsplus))
    caller.framePC = pc
    enter(thread, fp, from: caller, top)
    return fp
  }

  /// Instantiates a class with a plain `__init__` in Python that takes these arguments, or more with defaults, and pushes the frame of that as
  /// `instantiate` does; nil for everything else, and then nothing has happened.
  @inline(__always)
  private static func instantiateAtOnce(
    _ vm: VM, _ caller: Registers, _ pc: CodePointer, _ slot: Registers, _ count: Int
  ) -> Registers? {
    guard !caller.isGeneratorFrame, case let cls = slot[0].asType, let plan = Instantiation(cls, count) else { return nil }
    let size = cls.pointee.totalInstanceSize, initializer = plan.initializer, code = plan.code, wanted = plan.wanted,
      defaults = plan.defaults
    var given = plan.given
    // The first register of the call base holds the object; the header of the new frame leaves it alone.
    let fp = slot + 2
    let top = fp + Int(code.pointee.registerCount)
    let thread = vm.thread
    guard vm.hasStack(for: top), thread.pointee.recursionDepth < rt.pointee.recursionLimit,
      let cell = rt.heapPointer.pointee.allocateAtOnce(size)
    else { return nil }
    var offset = 16
    while offset < size {
      cell.storeBytes(of: .zero, toByteOffset: offset, as: SIMD2<UInt64>.self)
      offset &+= 16
    }
    cell.storeBytes(of: 0, toByteOffset: 8, as: UInt64.self)
    cell.assumingMemoryBound(to: CellHeader.self).pointee = CellHeader(cls)
    let attributes = Int(cls.pointee.attributesOffset)
    if attributes > 0 { (cell + attributes).assumingMemoryBound(to: AttributeStorage.self).pointee.shape = cls.pointee.rootShape }
    var i = count
    while i > 0 {
      slot[i &+ 2] = slot[i]
      i &-= 1
    }
    slot[1] = initializer
    slot[2] = Value(cell: cell)
    caller[Int(pc.pointee.b)] = Value(cell: cell)
    var filled = count &+ 1
    while filled < wanted {
      fp[filled] = defaults.as(TupleLayout.self).items[given]
      given &+= 1
      filled &+= 1
    }
    clear(fp, from: wanted, to: Int(code.pointee.nlocalsplus))
    caller.framePC = pc
    fp.frameState = .null
    fp.frameLink = UInt64(UInt(bitPattern: caller)) | FrameLink.initializer
    thread.pointee.frame = UnsafeMutableRawPointer(fp)
    thread.pointee.stackTop = top
    thread.pointee.recursionDepth &+= 1
    return fp
  }

  /// What calling a class with a plain `__init__` in Python comes down to.
  struct Instantiation {
    var initializer: Value
    var code: UnsafeMutablePointer<CodeLayout>
    /// Parameters, `self` included
    var wanted: Int
    /// The initializer's tuple of defaults, or null, and the first of them that stands for an argument left out
    var defaults: Value, given = 0

    /// - Parameter count: arguments
    /// - Returns: nil for a class whose instances are made in another way, and where the arguments are too few or too many
    @inline(__always)
    init?(_ cls: TypeRef, _ count: Int) {
      let flags = cls.pointee.flags
      guard flags.contains(.heapType), flags.isDisjoint(with: [.abstract, .finalized, .tupleSubclass]), let new = cls.pointee.slots.new,
        new == rt.types.object.pointee.slots.new, cls.pointee.totalInstanceSize <= HeapGeometry.largestExactClass
      else { return nil }
      initializer = Types.lookup(cls, rt.names.__init__)
      guard initializer.isExact(rt.types.function) else { return nil }
      let function = initializer.as(FunctionLayout.self)
      code = function.pointee.code.as(CodeLayout.self)
      wanted = Int(code.pointee.simpleArgs)
      defaults = function.pointee.defaults
      if wanted != count &+ 1 {
        guard wanted > count, !defaults.isNull else { return nil }
        given = defaults.as(TupleLayout.self).pointee.count &- (wanted &- count &- 1)
        guard given >= 0 else { return nil }
      }
    }
  }

  /// Whether the call of a method at `slot` is `list.append` on an exact list.
  @inline(__always)
  static func isAppend(_ slot: Registers) -> Bool { slot[0] == rt.pointee.listAppend && slot[1].isExact(rt.types.list) }

  /// Appends to an exact list that has room, if that is what is called; whether it did.
  @inline(__always)
  static func appendAtOnce(_ callee: Value, _ receiver: Value, _ item: Value) -> Bool {
    guard callee == rt.pointee.listAppend, receiver.isExact(rt.types.list), rt.pointee.evalBreaker == 0 else { return false }
    return Lists.appendAtOnce(receiver.as(ListLayout.self), item)
  }
}

extension NameInstructions {
  @inline(__always)
  static func makeCellAtOnce(_ fp: Registers, _ pc: CodePointer) -> Bool {
    guard let cell = rt.heapPointer.pointee.allocateAtOnce(MemoryLayout<ClosureCellLayout>.size) else { return false }
    let closureCell = cell.assumingMemoryBound(to: ClosureCellLayout.self)
    closureCell.pointee = ClosureCellLayout(header: CellHeader(rt.types.cell), content: fp[Int(pc.pointee.a)])
    fp[Int(pc.pointee.a)] = Value(closureCell)
    return true
  }
}

// MARK: truth and membership

extension OperatorInstructions {
  /// 1 or 0; -1 when it takes a call to know.
  @inline(never)
  static func truthAtOnce(_ v: Value) -> Int {
    if v.isBool { return v == .true ? 1 : 0 }
    if v.isNone { return 0 }
    if v.isSmallInt { return v.smallInt != 0 ? 1 : 0 }
    if v.isDouble { return v.double != 0 ? 1 : 0 }
    guard v.isCell else { return -1 }
    let type = v.cellType
    if type == rt.types.str { return v.as(StrLayout.self).pointee.length != 0 ? 1 : 0 }
    if type == rt.types.tuple { return v.as(TupleLayout.self).pointee.count != 0 ? 1 : 0 }
    if type == rt.types.list {
      let list = v.as(ListLayout.self)
      return list.pointee.foreign != nil ? -1 : list.pointee.count != 0 ? 1 : 0
    }
    if type == rt.types.dict {
      let dict = v.as(DictLayout.self)
      return dict.pointee.foreign != nil ? -1 : dict.pointee.count != 0 ? 1 : 0
    }
    if type == rt.types.bytes { return v.as(BytesLayout.self).pointee.count != 0 ? 1 : 0 }
    if type == rt.types.set, v.as(SetLayout.self).isOwn { return v.as(SetLayout.self).pointee.count != 0 ? 1 : 0 }
    return type.pointee.slots.bool == nil && type.pointee.slots.mappingLength == nil && type.pointee.slots.sequenceLength == nil ? 1 : -1
  }

  /// The comparison at `pc`, 1 or 0, of what has no quickened form, or at a site that stays general; -1 when it may take a call.
  @inline(never)
  static func compareAtOnce(_ pc: CodePointer, _ a: Value, _ b: Value) -> Int {
    let op = pc.w0 & 0xFF
    if Value.bothSmallInts(a, b) {
      if Quickening.mayQuicken(pc) { return -1 }
      return compareInts(op, a, b) ? 1 : 0
    }
    let isStr = a.isExactStr
    if isStr && b.isExactStr {
      if Quickening.mayQuicken(pc) { return -1 }
      return compareStrs(op, a, b) ? 1 : 0
    }
    if Quickening.isNumber(a) && Quickening.isNumber(b) {
      if Quickening.mayQuicken(pc) { return -1 }
      return compareDoubles(op, Quickening.number(a), Quickening.number(b)) ? 1 : 0
    }
    if a.isCell, b.isCell, isBuiltinSet(a), isBuiltinSet(b) { return SetOperations.compareAtOnce(CompareOp(code: op), a, b) }
    guard op == 2 || op == 3 else { return -1 }
    let isEqual: Bool
    if !a.isCell || !b.isCell {
      // Bytes and numbers may be warned about.
      guard a.isNone || b.isNone || isStr || b.isExactStr else { return -1 }
      guard isPlain(a), isPlain(b) else { return -1 }
      isEqual = a == b
    } else {
      let type = a.cellType, other = b.cellType
      if type == rt.types.bytes && other == rt.types.bytes {
        let x = a.as(BytesLayout.self), y = b.as(BytesLayout.self)
        isEqual = x.pointee.count == y.pointee.count && memcmp(x.bytes, y.bytes, x.pointee.count) == 0
      } else if type == rt.types.tuple && other == rt.types.tuple {
        let outcome = Tuples.equalAtOnce(a, b)
        guard outcome >= 0 else { return -1 }
        isEqual = outcome > 0
      } else {
        let identity = rt.types.object.pointee.slots.compare
        guard type.pointee.slots.compare == identity, other.pointee.slots.compare == identity,
          type.pointee.flags.isDisjoint(with: .foreign), other.pointee.flags.isDisjoint(with: .foreign)
        else { return -1 }
        isEqual = a == b
      }
    }
    return isEqual == (op == 2) ? 1 : 0
  }

  @inline(__always)
  private static func isBuiltinSet(_ v: Value) -> Bool { v.cellType == rt.types.frozenset || v.cellType == rt.types.set }

  /// None, a bool, an inline number, an exact str or another object of a builtin type that is equal to none of these.
  @inline(__always)
  private static func isPlain(_ v: Value) -> Bool {
    if !v.isCell { return true }
    let type = v.cellType
    return type == rt.types.str || type == rt.types.bytes || type == rt.types.tuple || type == rt.types.list || type == rt.types.dict
  }

  /// 1 or 0; -1 when it takes a comparison that can raise.
  @inline(never)
  static func containsAtOnce(_ container: Value, _ item: Value) -> Int {
    guard container.isCell else { return -1 }
    let type = container.cellType
    var hash = 0
    if type == rt.types.dict {
      guard container.as(DictLayout.self).isOwn,
        let probe = HashTable.probeAtOnce(container.asTable, item, HashTable.dictStride, &hash)
      else { return -1 }
      return probe.isFound ? 1 : 0
    }
    if type == rt.types.set || type == rt.types.frozenset {
      guard container.as(SetLayout.self).isOwn,
        let probe = HashTable.probeAtOnce(container.asTable, item, HashTable.setStride, &hash)
      else { return -1 }
      return probe.isFound ? 1 : 0
    }
    guard item.isSmallInt || item.isExactStr, let run = Lists.plainItems(container) else { return -1 }
    for i in 0..<run.count {
      let other = run.items[i]
      if other == item { return 1 }
      if other.isSmallInt || other.isNone { continue }
      guard other.isExactStr else { return -1 }
      if item.isCell && Str.equal(other, item) { return 1 }
    }
    return 0
  }
}

// MARK: subscripts

extension SubscriptInstructions {
  /// The item of what has no quickened form, or at a site that stays general; null when it takes a call.
  @inline(never)
  static func getAtOnce(_ pc: CodePointer, _ container: Value, _ key: Value) -> Value {
    guard container.isCell else { return .null }
    let type = container.cellType
    if key.isSmallInt {
      var i = key.smallInt
      if type == rt.types.str {
        let s = container.as(StrLayout.self)
        if i < 0 { i &+= s.pointee.length }
        guard UInt(bitPattern: i) < UInt(bitPattern: s.pointee.length) else { return .null }
        return Str.single(s[codePoint: i])
      }
      if type == rt.types.bytes {
        let b = container.as(BytesLayout.self)
        if i < 0 { i &+= b.pointee.count }
        guard UInt(bitPattern: i) < UInt(bitPattern: b.pointee.count) else { return .null }
        return Value(smallInt: Int(b.bytes[i]))
      }
      if type == rt.types.bytearray {
        let bytes = ByteArrays.bytes(container)
        if i < 0 { i &+= bytes.count }
        guard UInt(bitPattern: i) < UInt(bitPattern: bytes.count), container.as(ByteArrayLayout.self).pointee.foreign == nil else {
          return .null
        }
        return Value(smallInt: Int(bytes[i]))
      }
      if Quickening.mayQuicken(pc) { return .null }
      if type == rt.types.list { return listItem(container, key) }
      if type == rt.types.tuple { return tupleItem(container, key) }
    }
    if type == rt.types.dict, !Quickening.mayQuicken(pc) { return Dicts.getAtOnce(container, key) }
    return .null
  }

  /// The same for storing.
  @inline(never)
  static func setAtOnce(_ pc: CodePointer, _ container: Value, _ key: Value, _ value: Value) -> Bool {
    guard container.isCell else { return false }
    let type = container.cellType
    if type == rt.types.bytearray {
      guard key.isSmallInt, value.isSmallInt, container.as(ByteArrayLayout.self).pointee.foreign == nil else { return false }
      let bytes = ByteArrays.bytes(container)
      let i = key.smallInt < 0 ? key.smallInt &+ bytes.count : key.smallInt
      guard UInt(bitPattern: i) < UInt(bitPattern: bytes.count), UInt(bitPattern: value.smallInt) < 256 else { return false }
      bytes[i] = UInt8(truncatingIfNeeded: value.smallInt)
      return true
    }
    if Quickening.mayQuicken(pc) { return false }
    if type == rt.types.list { return storeListItem(container, key, value) }
    return type == rt.types.dict && Dicts.setAtOnce(container, key, value)
  }
}

// MARK: tables

extension HashTable {
  /// `append` where there is room: answers the entry's number, or nil.
  @inline(__always)
  static func appendAtOnce(_ t: TableRef, _ key: Value, _ hash: Int, _ probe: Probe, _ stride: Int) -> Int? {
    let n = t.pointee.used
    guard n < Int(t.pointee.capacity), let entries = t.pointee.entries, let indices = t.pointee.indices else { return nil }
    setSlot(indices, t.pointee.log2Size, probe.emptySlot, n, hash)
    entry(entries, n, stride).pointee = SetEntry(hash: hash, key: key)
    Heap.noteStore(UnsafeMutableRawPointer(t))
    if t.pointee.count == 0 {
      t.pointee.stringKeysOnly = key.isExactStr
    } else if t.pointee.stringKeysOnly && !key.isExactStr {
      t.pointee.stringKeysOnly = false
    }
    t.pointee.used = n &+ 1
    t.pointee.count &+= 1
    return n
  }
}

extension Dicts {
  /// The value of an inline int or exact str in an exact dict; null when it is not there or not plain.
  @inline(never)
  static func getAtOnce(_ dict: Value, _ key: Value) -> Value {
    var hash = 0
    guard dict.isExact(rt.types.dict), let probe = HashTable.probeAtOnce(dict.asTable, key, HashTable.dictStride, &hash), probe.isFound,
      let entries = dict.as(DictLayout.self).pointee.entries
    else { return .null }
    return entries[probe.entry].value
  }

  /// Stores under an inline int or exact str in an exact dict that has room; whether it did.
  @inline(never)
  static func setAtOnce(_ dict: Value, _ key: Value, _ value: Value) -> Bool {
    var hash = 0
    guard dict.isExact(rt.types.dict), case let d = dict.as(DictLayout.self), let entries = d.pointee.entries,
      let probe = HashTable.probeAtOnce(d.table, key, HashTable.dictStride, &hash)
    else { return false }
    if probe.isFound {
      entries[probe.entry].value = value
      Heap.noteStore(dict.cell)
      return true
    }
    guard let n = HashTable.appendAtOnce(d.table, key, hash, probe, HashTable.dictStride) else { return false }
    entries[n].value = value
    d.pointee.keysVersion = 0
    return true
  }
}

extension Sets {
  /// Adds an inline int or exact str to an exact set that has room; whether it is in the set now.
  @inline(never)
  static func addAtOnce(_ set: Value, _ key: Value) -> Bool {
    var hash = 0
    guard set.isExact(rt.types.set), case let s = set.as(SetLayout.self), s.pointee.entries != nil,
      let probe = HashTable.probeAtOnce(s.table, key, HashTable.setStride, &hash)
    else { return false }
    return probe.isFound || HashTable.appendAtOnce(s.table, key, hash, probe, HashTable.setStride) != nil
  }
}

// MARK: loops and unpacking

extension Quickening {
  /// Whether the FOR_LOOP at `pc` would become that of its FOR_ITER.
  @inline(__always)
  static func hasLoopForm(_ pc: CodePointer) -> Bool {
    switch (pc + (pc.pointee.target &- 2)).pointee.instruction {
    case .forIterRange, .forIterList, .forIterTuple: return mayQuicken(pc)
    default: return false
    }
  }
}

extension Iterators {
  /// The item that a list, tuple or range iterator will give next; null at its end and for other iterators. Nothing changes.
  @inline(__always)
  static func peek(_ iterator: Value) -> Value {
    let type = iterator.cellType
    if type == rt.types.rangeIterator {
      let it = iterator.as(RangeIteratorLayout.self)
      return it.pointee.remaining > 0 && Value.fitsSmallInt(it.pointee.next) ? Value(smallInt: it.pointee.next) : .null
    }
    let isList = type == rt.types.listIterator
    guard isList || type == rt.types.tupleIterator, case let it = iterator.as(IndexIteratorLayout.self), !it.pointee.sequence.isNull else {
      return .null
    }
    let i = it.pointee.index
    if isList {
      // A list whose storage is CPython's has none here.
      let list = it.pointee.sequence.as(ListLayout.self)
      guard i < list.pointee.count, let items = list.pointee.items else { return .null }
      return items[i]
    }
    let tuple = it.pointee.sequence.as(TupleLayout.self)
    return i < tuple.pointee.count ? tuple.items[i] : .null
  }

  /// Moves an iterator past what `peek` has answered.
  @inline(__always)
  static func advance(_ iterator: Value) {
    if iterator.cellType == rt.types.rangeIterator {
      let it = iterator.as(RangeIteratorLayout.self)
      it.pointee.next &+= it.pointee.step
      it.pointee.remaining &-= 1
    } else {
      iterator.as(IndexIteratorLayout.self).pointee.index &+= 1
    }
  }
}

extension IterationInstructions {
  /// An iterator over a list or tuple of ours, or the object itself if it is an iterator of a kind that loops often run over; else null.
  @inline(never)
  static func iteratorAtOnce(_ v: Value, _ place: Registers) -> Value {
    guard v.isCell else { return .null }
    let type = v.cellType
    if type == rt.types.generator || type == rt.types.enumerate || type == rt.types.zip { return v }
    let isList = type == rt.types.list
    guard isList ? v.as(ListLayout.self).isOwn : type == rt.types.tuple,
      let cell = rt.heapPointer.pointee.allocateAtOnce(MemoryLayout<IndexIteratorLayout>.size)
    else { return .null }
    let it = cell.assumingMemoryBound(to: IndexIteratorLayout.self)
    it.pointee = IndexIteratorLayout(
      header: CellHeader(isList ? rt.types.listIterator : rt.types.tupleIterator), owner: UInt(bitPattern: place), sequence: v, index: 0)
    return Value(it)
  }

  /// The next key or value of a dict's iterator, or item of a set's, byte of bytes' or Latin-1 character of a str's; null at its end, when the
  /// container has changed, and for others.
  @inline(never)
  static func dictItemAtOnce(_ iterator: Value) -> Value {
    guard iterator.isCell else { return .null }
    let isKeys = iterator.cellType == rt.types.dictKeyIterator
    guard isKeys || iterator.cellType == rt.types.dictValueIterator else {
      return iterator.cellType == rt.types.setIterator ? Iterators.nextOfSet(iterator.as(TableIteratorLayout.self)) : textItem(iterator)
    }
    let it = iterator.as(TableIteratorLayout.self)
    guard let entry = Iterators.nextOfDict(it) else { return .null }
    if !isKeys { return entry.pointee.value }
    // The next key is often one that nobody has looked at for long. Any address may be asked for.
    if it.pointee.position < it.pointee.container.as(DictLayout.self).pointee.used {
      amphis_prefetch(UnsafeRawPointer(bitPattern: UInt(truncatingIfNeeded: (entry + 1).pointee.key.bits)))
    }
    return entry.pointee.key
  }

  @inline(__always)
  private static func textItem(_ iterator: Value) -> Value {
    let isBytes = iterator.cellType == rt.types.bytesIterator
    guard isBytes || iterator.cellType == rt.types.strIterator, case let it = iterator.as(IndexIteratorLayout.self),
      case let text = it.pointee.sequence, !text.isNull
    else { return .null }
    let i = it.pointee.index
    let item: Value
    if isBytes {
      let bytes = text.as(BytesLayout.self)
      guard i < bytes.pointee.count else { return .null }
      item = Value(smallInt: Int(bytes.bytes[i]))
    } else {
      let str = text.as(StrLayout.self)
      guard i < str.pointee.length else { return .null }
      item = Str.single(str[codePoint: i])
      if item.isNull { return .null }
    }
    it.pointee.index = i &+ 1
    return item
  }

  @inline(__always)
  static func itemsAtOnce(_ fp: Registers, _ pc: CodePointer) -> Bool {
    let iterator = fp[Int(pc.pointee.b)]
    guard iterator.isExact(rt.types.dictItemIterator), let entry = Iterators.nextOfDict(iterator.as(TableIteratorLayout.self)) else {
      return false
    }
    store(fp, pc, entry.pointee.key, entry.pointee.value)
    return true
  }

  @inline(__always)
  static func enumerateAtOnce(_ fp: Registers, _ pc: CodePointer) -> Bool {
    let iterator = fp[Int(pc.pointee.b)]
    guard iterator.isExact(rt.types.enumerate), case let e = iterator.as(EnumerateLayout.self), e.pointee.bigIndex.isNull,
      case let index = e.pointee.index, Value.fitsSmallInt(index), case let item = Iterators.peek(e.pointee.iterator), !item.isNull
    else { return false }
    Iterators.advance(e.pointee.iterator)
    e.pointee.index = index &+ 1
    store(fp, pc, Value(smallInt: index), item)
    return true
  }

  @inline(__always)
  static func zipAtOnce(_ fp: Registers, _ pc: CodePointer) -> Bool {
    let iterator = fp[Int(pc.pointee.b)]
    guard iterator.isExact(rt.types.zip), case let z = iterator.as(ZipLayout.self), !z.pointee.strict,
      case let iterators = z.pointee.iterators.as(TupleLayout.self), iterators.pointee.count == 2,
      case let a = iterators.items[0], case let b = iterators.items[1], a != b, a.isCell, b.isCell,
      case let first = Iterators.peek(a), !first.isNull, case let second = Iterators.peek(b), !second.isNull
    else { return false }
    Iterators.advance(a)
    Iterators.advance(b)
    store(fp, pc, first, second)
    return true
  }
}

extension UnpackInstructions {
  /// Gives `items` to the UNPACK at `pc`, if it unpacks the result of the call before it into so many; whether it does.
  @inline(__always)
  static func unpackResult(_ fp: Registers, _ pc: CodePointer, _ result: UInt16, _ items: UnsafePointer<Value>, _ count: Int) -> Bool {
    if pc.pointee.instruction == .unpack2 {
      guard pc.pointee.c == result, count == 2 else { return false }
      fp[Int(pc.pointee.a)] = items[0]
      fp[Int(pc.pointee.b)] = items[1]
      fp.framePC = pc + 2
      return true
    }
    guard pc.pointee.instruction == .unpackN, pc.pointee.a == result, Int(pc.pointee.b) == count else { return false }
    for i in 0..<count { fp[destination(pc, i)] = items[i] }
    fp.framePC = pc + 2 + (count &+ 3) / 4
    return true
  }

  /// UNPACK_N of a tuple or a list of ours that has as many items; whether it did it.
  @inline(never)
  static func unpackAtOnce(_ fp: Registers, _ k: Registers, _ pc: CodePointer) -> Bool {
    let count = Int(pc.pointee.b)
    guard let run = Lists.plainItems(operand(pc.pointee.a, fp, k)), run.count == count else { return false }
    for i in 0..<count { fp[destination(pc, i)] = run.items[i] }
    return true
  }
}
