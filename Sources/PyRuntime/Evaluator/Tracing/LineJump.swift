import PyBytecode

// `frame.f_lineno = n` in a trace function: the frame goes on at line n. Allowed where the stack of the present place, cut down, is what
// the code at the new place expects. The rules and messages are CPython 3.11's; what its rules allow and our verifier would not is
// refused as well, so that no jump can make an instruction meet an operand of the wrong kind.

enum LineJump {
  /// What the stack holds, as far as jumps care.
  private enum Kind {
    case iterator, exception, object, null, lasti
  }

  static func set(_ vm: VM, _ object: Value, _ value: Value) throws(Raised) {
    if value.isNull { throw vm.raise(.attributeError, "cannot delete attribute") }
    if !value.isInt { throw vm.raise(.valueError, "lineno must be an integer") }
    let frame = object.as(FrameObjectLayout.self)
    let event = vm.thread.pointee.traceEvent
    if event <= 1 { throw vm.raise(.valueError, "can't jump from the 'call' trace event of a new frame") }
    guard let fp = frame.pointee.registers, !frame.pointee.trace.isNull else {
      throw vm.raise(.valueError, "f_lineno can only be set by a trace function")
    }
    let isYield = event == 3 && fp.framePC.pointee.instruction == .yieldValue
    switch event {
    case 2: break
    case 3 where isYield: break
    default: throw vm.raise(.valueError, "can only jump from a 'line' trace event")
    }
    guard let traced = fp.frameCode.traced, traced.pointee.contains(fp.framePC) else {
      throw vm.raise(.valueError, "f_lineno can only be set by a trace function")
    }
    guard let number = value.isSmallInt ? value.smallInt : Ints.asInt64(value), Int32(exactly: number) != nil else {
      throw vm.raise(.valueError, "lineno out of range")
    }
    let wanted = number
    let code = fp.frameCode
    let name = wanted
    if wanted < Int(code.pointee.firstLine) { throw vm.raise(.valueError, "line \(name) comes before the current code block") }
    guard let line = firstLine(code, notBefore: wanted) else {
      throw vm.raise(.valueError, "line \(name) comes after the current code block")
    }
    let unit = traced.pointee.bytecodeOffset(fp.framePC - traced.pointee.words) / 2
    let stacks = try CodePreparation.stacks(vm, code)
    var stack = stacks[unit]
    if isYield { _ = stack?.popLast() }  // the value has been yielded
    let target = try find(vm, code, stacks, from: stack, to: line)
    leave(vm, fp, stack ?? [], depth: target.depth)
    if isYield {
      frame.pointee.line = Int32(truncatingIfNeeded: target.unit &+ 1)
    } else if let word = traced.pointee.word(of: target.unit) {
      fp.framePC = traced.pointee.words + word
    }
  }

  /// The first line of the code at or after `line`.
  private static func firstLine(_ code: UnsafeMutablePointer<CodeLayout>, notBefore line: Int) -> Int? {
    var best: Int?
    for entry in LineTable(code) {
      let l = Int(entry.location.line)
      if l >= line, l < best ?? Int.max { best = l }
    }
    return best
  }

  /// The place at `line` that keeps most of the stack.
  private static func find(
    _ vm: VM, _ code: UnsafeMutablePointer<CodeLayout>, _ stacks: [Int: [StackKind]], from start: [StackKind]?, to line: Int
  ) throws(Raised) -> (unit: Int, depth: Int) {
    guard let start else {
      throw vm.raise(.valueError, "can't jump from within an exception handler")
    }
    var best: (unit: Int, depth: Int)?
    // Of several places that do not fit, the first one's reason.
    var message: String?
    var last = -1
    for entry in LineTable(code) where entry.location.line >= 0 && Int(entry.location.line) != last {
      // Where a line begins, coming from another.
      last = Int(entry.location.line)
      if last != line { continue }
      guard let target = stacks[entry.start] else {
        message = message ?? "can't jump into an exception handler, or code may be unreachable"
        continue
      }
      if fits(start, target) {
        if best == nil || target.count > best?.depth ?? 0 { best = (entry.start, target.count) }
      } else {
        message = message ?? explain(target)
      }
    }
    guard let best else { throw vm.raise(.valueError, message ?? "cannot find bytecode for specified line") }
    return best
  }

  private static func kind(_ k: StackKind) -> Kind {
    if k.isExactly(.iterator) { return .iterator }
    if k.isExactly(.exception) || k.isExactly(.previousException) { return .exception }
    if k.isExactly(.lasti) { return .lasti }
    return k.isNull || k.isMaybeNull ? .null : .object
  }

  private static func fits(_ from: [StackKind], _ to: [StackKind]) -> Bool {
    if to.count > from.count { return false }
    for i in 0..<to.count {
      let f = kind(from[i]), t = kind(to[i])
      let allowed = t == .object ? f != .null : t == .null || f == t
      if !allowed || to[i].joined(from[i]) != to[i] && !(t == .iterator) || SlotShape(from[i]) != SlotShape(to[i]) { return false }
    }
    return true
  }

  private static func explain(_ target: [StackKind]) -> String {
    switch target.last.map(kind) {
    case .exception: "can't jump into an 'except' block as there's no exception"
    case .lasti: "can't jump into a re-raising block as there's no location"
    case .iterator: "can't jump into the body of a for loop"
    default: "incompatible stacks"
    }
  }

  /// Takes everything above `depth` off the stack. Values just stay in their registers; a handler that is left stops handling.
  private static func leave(_ vm: VM, _ fp: Registers, _ stack: [StackKind], depth: Int) {
    let registers = CodePreparation.canonicalRegisters(fp.frameCode, stack)
    var i = stack.count - 1
    while i >= depth {
      if stack[i].isExactly(.previousException) {
        let previous = fp[registers[i]]
        vm.thread.pointee.handled = previous.isNone ? .null : previous
      }
      i -= 1
    }
  }
}
