/// Builtins that take all items of a generator: `tuple(f(x) for x in y)`, `any(...)`, `", ".join(...)`.
///
/// At a call that has met a generator before (CALL_GATHER and its kin) the loop enters the generator's frame as it does for a `for`, and the
/// caller goes on standing at the call. A yield does not leave the frame: what the builtin does with an item is done at once, and the
/// generator goes on. What may raise or run Python code (`take`) is done in the caller's frame while the generator is suspended, as if the
/// builtin had asked it for the item. The end of the generator makes the result (`end`).
///
/// The registers of the call meanwhile, `base` being its field b:
///
///     base + 1          what is called: a `Kind`
///     base + callee     what has been gathered: a list, a set, a sum, the least item; null before the first item of `min` and `max`
///     arguments         as they were: the generator is the last
enum Gathering {
  enum Kind: Int {
    // Lists while they are gathered
    case list, tuple, sorted, join, extend
    case set, frozenset
    case any, all
    case sum
    case min, max
  }
  private static let kindOffset = 1

  @inline(__always) private static func slot(_ caller: Registers) -> Registers {
    caller + (Int(caller.framePC.pointee.b) &+ FrameLayout.calleeOffset)
  }
  @inline(__always) private static func kind(_ caller: Registers) -> Kind? {
    let v = caller[Int(caller.framePC.pointee.b) &+ kindOffset]
    return v.isSmallInt ? Kind(rawValue: v.smallInt) : nil
  }

  /// What a call of `slot[0]` with `count` arguments does with the last of them, if it takes all items of that and nothing else.
  private static func kind(_ slot: Registers, _ count: Int) -> Kind? {
    let callee = slot[0]
    guard callee.isCell else { return nil }
    if count == 2 {
      guard callee.cellType == rt.types.methodDescriptor else { return nil }
      if callee == rt.pointee.gatherers.join { return slot[1].isExactStr ? .join : nil }
      guard callee == rt.pointee.gatherers.extend, slot[1].isExact(rt.types.list), slot[1].as(ListLayout.self).isOwn else { return nil }
      return .extend
    }
    guard count == 1 else { return nil }
    if callee.cellType == rt.types.type {
      let type = callee.asType
      if type == rt.types.list { return .list }
      if type == rt.types.tuple { return .tuple }
      if type == rt.types.set { return .set }
      return type == rt.types.frozenset ? .frozenset : nil
    }
    if callee == rt.pointee.gatherers.any { return .any }
    if callee == rt.pointee.gatherers.all { return .all }
    if callee == rt.pointee.gatherers.sum { return .sum }
    if callee == rt.pointee.gatherers.sorted { return .sorted }
    if callee == rt.pointee.gatherers.min { return .min }
    return callee == rt.pointee.gatherers.max ? .max : nil
  }

  /// The str whose `join` is called at `slot[0]`, at a call by an attribute that is no method, as jinja2 does it: `concat = "".join`. Null for other calls.
  private static func joined(_ caller: Registers, _ slot: Registers, _ count: Int) -> Value {
    guard count == 1, slot == self.slot(caller) + 1, slot[-1].isNull, slot[0].isExact(rt.types.builtinFunction),
      rt.pointee.gatherers.join.isCell
    else { return .null }
    let f = slot[0].as(NativeFunctionLayout.self)
    guard f.pointee.code == rt.pointee.gatherers.join.as(NativeFunctionLayout.self).pointee.code, f.pointee.receiver.isExactStr else {
      return .null
    }
    return f.pointee.receiver
  }

  /// Whether the call of `slot[0]` with `count` arguments takes all items of the last one and keeps nothing of it.
  static func takesAll(_ slot: Registers, _ count: Int) -> Bool { kind(slot, count) != nil }

  /// For the call of a native function or builtin type at which `caller` stands.
  static func quicken(_ caller: Registers, _ slot: Registers, _ count: Int) {
    let pc = caller.framePC
    guard count > 0, slot[count].isExact(rt.types.generator), Quickening.mayQuicken(pc),
      slot == self.slot(caller) ? kind(slot, count) != nil : !joined(caller, slot, count).isNull
    else { return }
    switch pc.pointee.instruction {
    case .call: pc.pointee.instruction = .callGather
    case .call1: pc.pointee.instruction = .call1Gather
    case .callMethod: pc.pointee.instruction = .callMethodGather
    case .callMethod1: pc.pointee.instruction = .callMethod1Gather
    default: break
    }
  }

  /// Enters the generator's frame for the call at which `caller` stands.
  /// - Returns: nil when it is no such call, and then nothing has happened
  @inline(never)
  static func enter(_ vm: VM, _ caller: Registers, _ slot: Registers, _ count: Int) throws(Raised) -> Registers? {
    guard count > 0, slot[count].isExact(rt.types.generator), !vm.thread.pointee.isTraced else { return nil }
    let g = slot[count].as(GeneratorLayout.self)
    guard Generators.canResume(g) else { return nil }
    var slot = slot
    let kind: Kind
    if slot == self.slot(caller) {
      guard let known = self.kind(slot, count) else { return nil }
      kind = known
    } else {
      // A call of a method that turned out to be none has its callee one register further up: from here on it is the method's.
      let receiver = joined(caller, slot, count)
      if receiver.isNull { return nil }
      slot -= 1
      slot[1] = receiver
      kind = .join
    }
    let gathered: Value
    switch kind {
    // Room for the first items: they are taken at once then. What nobody sees may have more of it.
    case .list, .sorted: gathered = try vm.list(capacity: 6)
    case .tuple, .join: gathered = try vm.list(capacity: 10)
    case .extend: gathered = slot[1]
    case .set, .frozenset:
      let set = try Sets.make(vm, rt.types.set)
      try HashTable.reserve(vm, set.table, 10, HashTable.setStride)
      gathered = Value(set)
    case .any: gathered = .false
    case .all: gathered = .true
    case .sum: gathered = Value(smallInt: 0)
    case .min, .max: gathered = .null
    }
    slot[0] = gathered
    caller[Int(caller.framePC.pointee.b) &+ kindOffset] = Value(smallInt: kind.rawValue)
    return try Generators.resumeInline(vm, g, .none, FrameLink.gathering)
  }

  /// Does with `item`, which the frame `fp` yields, what the builtin does, where that raises nothing and runs nothing; whether it did.
  @inline(never)
  static func takeAtOnce(_ fp: Registers, _ item: Value) -> Bool { takeInline(fp, item) }
  /// The same for machine code's step, which is a call already.
  @inline(__always)
  static func takeInline(_ fp: Registers, _ item: Value) -> Bool {
    guard let caller = fp.frameCaller, let kind = kind(caller) else { return false }
    let gathered = slot(caller)
    switch kind {
    case .list, .tuple, .sorted, .join, .extend: return Lists.appendAtOnce(gathered[0].as(ListLayout.self), item)
    case .set, .frozenset: return Sets.addAtOnce(gathered[0], item)
    case .any: return OperatorInstructions.truthAtOnce(item) == 0
    case .all: return OperatorInstructions.truthAtOnce(item) == 1
    case .sum:
      let total = gathered[0]
      if total.isDouble && item.isDouble {
        gathered[0] = Value(total.double + item.double)
        return true
      }
      let sum = OperatorInstructions.sum(total, item)
      if sum.isNull { return false }
      gathered[0] = sum
      return true
    case .min, .max:
      let best = gathered[0]
      let op = UInt64((kind == .min ? CompareOp.lt : .gt).rawValue)
      if Value.bothSmallInts(best, item) {
        if OperatorInstructions.compareInts(op, item, best) { gathered[0] = item }
        return true
      }
      guard best.isDouble, item.isDouble else { return false }
      if OperatorInstructions.compareDoubles(op, item.double, best.double) { gathered[0] = item }
      return true
    }
  }

  /// The list or set to which the builtin adds what the frame `fp` yields; null for others.
  static func container(_ fp: Registers) -> Value {
    guard let caller = fp.frameCaller, let kind = kind(caller) else { return .null }
    switch kind {
    case .list, .tuple, .sorted, .join, .extend, .set, .frozenset: return slot(caller)[0]
    default: return .null
    }
  }

  /// `takeAtOnce` in general: the generator has been suspended, and `caller` stands at the call.
  /// - Returns: the frame to go on in
  @inline(never)
  static func take(_ vm: VM, _ caller: Registers, _ item: Value) throws(Raised) -> Registers {
    let slot = slot(caller)
    guard let kind = kind(caller) else { throw vm.raise(.systemError, "a builtin's call has lost what it gathers for") }
    let generator = slot[kind == .join || kind == .extend ? 2 : 1]
    switch kind {
    case .list, .tuple, .sorted, .join, .extend: try vm.append(slot[0], item)
    case .set, .frozenset: try Sets.add(vm, slot[0], item)
    case .any, .all:
      if try vm.isTrue(item) == (kind == .any) {
        LoopIterators.dropArgument(vm, generator)
        return try finish(vm, caller, .bool(kind == .any))
      }
    case .sum: slot[0] = try vm.binary(.add, slot[0], item)
    case .min, .max:
      if slot[0].isNull {
        slot[0] = item
      } else if try vm.isTrue(try vm.compare(item, slot[0], kind == .min ? .lt : .gt)) {
        slot[0] = item
      }
    }
    let g = generator.as(GeneratorLayout.self)
    switch g.pointee.state {
    case .suspended, .created: return try Generators.resumeInline(vm, g, .none, FrameLink.gathering)
    // What ran meanwhile has taken the rest.
    case .finished: return try end(vm, caller)
    case .running: throw vm.raise(.valueError, "generator already executing")
    }
  }

  /// The generator has ended: the result of the call.
  @inline(never)
  static func end(_ vm: VM, _ caller: Registers) throws(Raised) -> Registers {
    let slot = slot(caller)
    guard let kind = kind(caller) else { throw vm.raise(.systemError, "a builtin's call has lost what it gathers for") }
    let result: Value
    switch kind {
    case .list, .set, .any, .all, .sum: result = slot[0]
    case .extend: result = .none
    case .tuple:
      result = try vm.tuple(from: slot[0])
      discard(slot)
    case .frozenset: result = try vm.frozenSet(from: slot[0])
    case .sorted:
      try Sorting.sort(vm, list: slot[0].as(ListLayout.self), key: .null, reverse: false)
      result = slot[0]
    case .join:
      result = try TextMethods<StrText>.join(vm, slot[1], slot[0])
      discard(slot)
    case .min, .max:
      if slot[0].isNull { throw vm.raise(.valueError, "\(kind == .min ? "min" : "max")() arg is an empty sequence") }
      result = slot[0]
    }
    LoopIterators.endArgument(slot + (kind == .join || kind == .extend ? 2 : 1), caller)
    return try finish(vm, caller, result)
  }

  /// Frees the list that only the register of a call has.
  private static func discard(_ slot: Registers) {
    let list = slot[0]
    if LoopIterators.hasShown || !list.isExact(rt.types.list) { return }
    slot[0] = .null
    let items = list.as(ListLayout.self).pointee.items
    rt.heapPointer.pointee.free(list.cell)
    if let items { rt.heapPointer.pointee.free(UnsafeMutableRawPointer(items) - BufferCell.headerSize) }
  }

  private static func finish(_ vm: VM, _ caller: Registers, _ result: Value) throws(Raised) -> Registers {
    // What came meanwhile: CPython's handlers run behind each call too.
    if rt.pointee.evalBreaker & SafepointReason.signals.rawValue != 0 { try vm.handlePendingSignals() }
    let pc = caller.framePC
    caller[Int(pc.pointee.a)] = result
    caller.framePC = pc + 2
    if vm.thread.pointee.isTraced, Tracing.isOn(vm) { Tracing.switchToTraced(vm, caller) }
    return caller
  }
}

/// Native functions that `Gathering` knows, as they were at the start.
package struct Gatherers {
  var any = Value.null
  var all = Value.null
  var sum = Value.null
  var min = Value.null
  var max = Value.null
  var sorted = Value.null
  var join = Value.null
  var extend = Value.null
}
