import Glibc

/// Functions that machine code calls. They raise nothing, run no Python code and read no registers of
/// the frame but those that they are told of.
enum Helpers {
  static let truth = address(amphis_machine_truth)
  static let loopEnd = address(amphis_machine_loop_end)
  static let item = address(amphis_machine_item)
  static let dictItem = address(amphis_machine_dict_item)
  static let length = address(amphis_machine_length)
  static let math = address(amphis_machine_math)
  static let contains = address(amphis_machine_contains)
  static let compare = address(amphis_machine_compare)
  static let unwatched = address(amphis_machine_unwatched)
  static let setDictItem = address(amphis_machine_set_dict_item)
  static let power = address(amphis_machine_power)

  static let deliver = address(amphis_machine_deliver)
  static let frame = address(amphis_machine_frame)
  static let callForeign = address(amphis_machine_call_foreign)
  static let attribute = address(amphis_machine_attribute)
  static let method = address(amphis_machine_method)
  static let setAttribute = address(amphis_machine_set_attribute)

  static let dictGet = address(amphis_machine_dict_get)
  static let setAdd = address(amphis_machine_set_add)
  static let identity = address(amphis_machine_identity)
  static let typeOf = address(amphis_machine_type)
  static let subclass = address(amphis_machine_subclass)
  static let isInstance = address(amphis_machine_is_instance)
  static let text = address(amphis_machine_text)
  static let getAttribute = address(amphis_machine_get_attribute)
  static let hasAttribute = address(amphis_machine_has_attribute)

  typealias Deliver = @convention(c) (UnsafeMutableRawPointer, UnsafeMutableRawPointer, UInt64) -> UnsafeMutableRawPointer
  private static func address(_ f: @escaping Deliver) -> UnsafeRawPointer { unsafeBitCast(f, to: UnsafeRawPointer.self) }
  typealias Frame = @convention(c) (UnsafeMutableRawPointer, UnsafeMutableRawPointer) -> UnsafeMutableRawPointer?
  private static func address(_ f: @escaping Frame) -> UnsafeRawPointer { unsafeBitCast(f, to: UnsafeRawPointer.self) }
  typealias Value3Place = @convention(c) (UInt64, UInt64, UInt64, UnsafeMutableRawPointer?) -> UInt64
  private static func address(_ f: @escaping Value3Place) -> UnsafeRawPointer { unsafeBitCast(f, to: UnsafeRawPointer.self) }
  typealias Value1 = @convention(c) (UInt64) -> Int
  typealias Unary = @convention(c) (UInt64) -> UInt64
  typealias Value2 = @convention(c) (UInt64, UInt64) -> UInt64
  typealias Ternary = @convention(c) (UInt64, UInt64, UInt64) -> UInt64
  typealias Value3 = @convention(c) (UInt64, UInt64, UnsafeMutableRawPointer) -> UInt64
  typealias Call3 = @convention(c) (UnsafeMutableRawPointer, UnsafeMutableRawPointer, UnsafeMutableRawPointer, Int) -> UInt64
  private static func address(_ f: @escaping Call3) -> UnsafeRawPointer { unsafeBitCast(f, to: UnsafeRawPointer.self) }
  typealias Place1 = @convention(c) (UnsafeMutableRawPointer, UnsafeMutableRawPointer) -> Int
  typealias ValuePlace = @convention(c) (UInt64, UnsafeMutableRawPointer) -> UInt64

  typealias Test2 = @convention(c) (UInt64, UInt64) -> Int
  typealias Test3 = @convention(c) (UInt64, UInt64, UnsafeMutableRawPointer) -> Int
  typealias Store3 = @convention(c) (UInt64, UInt64, UInt64) -> Int

  private static func address(_ f: @escaping Unary) -> UnsafeRawPointer { unsafeBitCast(f, to: UnsafeRawPointer.self) }
  private static func address(_ f: @escaping Ternary) -> UnsafeRawPointer { unsafeBitCast(f, to: UnsafeRawPointer.self) }
  private static func address(_ f: @escaping Test2) -> UnsafeRawPointer { unsafeBitCast(f, to: UnsafeRawPointer.self) }
  private static func address(_ f: @escaping Test3) -> UnsafeRawPointer { unsafeBitCast(f, to: UnsafeRawPointer.self) }
  private static func address(_ f: @escaping Store3) -> UnsafeRawPointer { unsafeBitCast(f, to: UnsafeRawPointer.self) }
  private static func address(_ f: @escaping Value1) -> UnsafeRawPointer { unsafeBitCast(f, to: UnsafeRawPointer.self) }
  private static func address(_ f: @escaping Value2) -> UnsafeRawPointer { unsafeBitCast(f, to: UnsafeRawPointer.self) }
  private static func address(_ f: @escaping Value3) -> UnsafeRawPointer { unsafeBitCast(f, to: UnsafeRawPointer.self) }
  private static func address(_ f: @escaping Place1) -> UnsafeRawPointer { unsafeBitCast(f, to: UnsafeRawPointer.self) }
  private static func address(_ f: @escaping ValuePlace) -> UnsafeRawPointer { unsafeBitCast(f, to: UnsafeRawPointer.self) }
}

/// The frame of the call at `pc`, pushed, if that takes no more than a look; else nil, and nothing has happened. An operand that is an argument lies in its place.
@c func amphis_machine_frame(_ fp: UnsafeMutableRawPointer, _ pc: UnsafeMutableRawPointer) -> UnsafeMutableRawPointer? {
  guard let thread = rt.pointee.currentThread else { return nil }
  let fp = Threaded.registers(fp), pc = Threaded.pc(pc)
  var slot = fp + (Int(pc.pointee.b) &+ FrameLayout.calleeOffset), count = Int(pc.pointee.c)
  switch pc.pointee.instruction {
  case .call: break
  case .call1: count = 1
  case .callMethod, .callMethod1:
    if pc.pointee.instruction == .callMethod1 { count = 1 }
    if slot[0].isNull { slot += 1 } else { count &+= 1 }
  default: return nil
  }
  return Calls.frameAtOnce(VM(thread), fp, pc, slot, count).map { UnsafeMutableRawPointer($0) }
}

/// Calls the function of CPython's in `slot[0]`, from the call at `pc`, with `count` arguments behind it. 0: nothing has happened; 1: it has raised;
/// else the bits of its result. May do anything that a call may.
@c func amphis_machine_call_foreign(
  _ thread: UnsafeMutableRawPointer, _ slot: UnsafeMutableRawPointer, _ pc: UnsafeMutableRawPointer, _ count: Int
) -> UInt64 {
  Calls.foreignQuietly(VM(Threaded.thread(thread)), Threaded.pc(pc), Threaded.registers(slot), count)
}

/// The attribute that the LOAD_ATTR_MANY at `pc` loads, or null.
@c func amphis_machine_attribute(_ object: UInt64, _ pc: UnsafeMutableRawPointer) -> UInt64 {
  let object = Value(bits: object)
  guard let e = PolymorphicCache.find(object, (Threaded.pc(pc) + 2).pointee.bits) else { return 0 }
  let place = e.pointee.place
  if place > 0 { return (object.cell + place).load(as: Value.self).bits }
  if place == 0 { return e.pointee.value.bits }
  return PolymorphicCache.overflow(e, object)?.pointee.bits ?? 0
}

/// The method that the LOAD_METHOD_MANY at `pc` loads, or null.
@c func amphis_machine_method(_ object: UInt64, _ pc: UnsafeMutableRawPointer) -> UInt64 {
  guard let e = PolymorphicCache.find(Value(bits: object), (Threaded.pc(pc) + 2).pointee.bits), e.pointee.place == 0 else { return 0 }
  return e.pointee.value.bits
}

/// Whether the STORE_ATTR_MANY at `pc` was done.
@c func amphis_machine_set_attribute(_ object: UInt64, _ value: UInt64, _ pc: UnsafeMutableRawPointer) -> Int {
  let object = Value(bits: object)
  guard let e = PolymorphicCache.find(object, (Threaded.pc(pc) + 2).pointee.bits) else { return 0 }
  if let place = PolymorphicCache.overflow(e, object) {
    place.pointee = Value(bits: value)
    return 1
  }
  guard e.pointee.place > 0 else { return 0 }
  // Value before shape: the collector reads as many values as the shape has.
  (object.cell + e.pointee.place).storeBytes(of: Value(bits: value), as: Value.self)
  if !e.pointee.value.isNull { AttributeInstructions.storage(object).pointee.shape = e.pointee.value.as(ShapeLayout.self) }
  return 1
}

/// Gives the caller's call its result; the frame has been left already.
/// - Returns: where the caller goes on
@c func amphis_machine_deliver(
  _ frame: UnsafeMutableRawPointer, _ caller: UnsafeMutableRawPointer, _ value: UInt64
) -> UnsafeMutableRawPointer {
  let fp = Threaded.registers(frame), caller = Threaded.registers(caller), call = caller.framePC
  rt.pointee.currentThread?.pointee.stackTop =
    caller.isGeneratorFrame ? fp - FrameLayout.headerWords : caller + Int(caller.frameCode.pointee.registerCount)
  caller[Int(call.pointee.a)] = Value(bits: value)
  return UnsafeMutableRawPointer(call + 2)
}

/// 1 or 0; −1 where it takes more than a look.
@c func amphis_machine_truth(_ value: UInt64) -> Int { OperatorInstructions.truthAtOnce(Value(bits: value)) }

/// 1, or −1 for an object whose end somebody waits for.
@c func amphis_machine_unwatched(_ value: UInt64) -> Int { DroppedObjects.isWatched(Value(bits: value)) ? -1 : 1 }

/// The FOR_ITER at `pc` has come to the end of its iterator: whether that was all there is to do.
@c func amphis_machine_loop_end(_ fp: UnsafeMutableRawPointer, _ pc: UnsafeMutableRawPointer) -> Int {
  let fp = Threaded.registers(fp), pc = Threaded.pc(pc)
  let iterator = fp[Int(pc.pointee.b)]
  if iterator.isExact(rt.types.listIterator) {
    guard IterationInstructions.isOwnList(iterator), Iterators.peek(iterator).isNull else { return 0 }
    _ = Iterators.nextOfList(iterator.as(IndexIteratorLayout.self))
  } else if iterator.isExact(rt.types.tupleIterator) {
    guard Iterators.peek(iterator).isNull else { return 0 }
    _ = Iterators.nextOfTuple(iterator.as(IndexIteratorLayout.self))
  }
  return LoopIterators.endAtOnce(fp, pc) ? 1 : 0
}

/// `container[key]` or null.
@c func amphis_machine_item(_ container: UInt64, _ key: UInt64, _ pc: UnsafeMutableRawPointer) -> UInt64 {
  SubscriptInstructions.getAtOnce(Threaded.pc(pc), Value(bits: container), Value(bits: key)).bits
}

/// An item of a dict, or null.
@c func amphis_machine_dict_item(_ container: UInt64, _ key: UInt64) -> UInt64 {
  Dicts.getAtOnce(Value(bits: container), Value(bits: key)).bits
}

/// Whether the key is in the container, 1 or 0; −1 where it takes more than a look.
@c func amphis_machine_contains(_ container: UInt64, _ key: UInt64) -> Int {
  let quick = OperatorInstructions.containsAtOnce(Value(bits: container), Value(bits: key))
  return quick >= 0 ? quick : MachineSteps.contains(Value(bits: container), Value(bits: key))
}

/// What the comparison at `pc` comes to, 1 or 0; −1 where it may take a call.
@c func amphis_machine_compare(_ a: UInt64, _ b: UInt64, _ pc: UnsafeMutableRawPointer) -> Int {
  let x = Value(bits: a), y = Value(bits: b), pc = Threaded.pc(pc)
  if x.isExactStr && y.isExactStr { return OperatorInstructions.compareStrs(pc.w0 & 0xFF, x, y) ? 1 : 0 }
  let quick = OperatorInstructions.compareAtOnce(pc, x, y)
  return quick >= 0 ? quick : MachineSteps.compare(x, y, CompareOp(code: pc.w0 & 0xFF))
}

/// Whether the value was stored under the key.
@c func amphis_machine_set_dict_item(_ dict: UInt64, _ key: UInt64, _ value: UInt64) -> Int {
  MachineSteps.setDictItem(Value(bits: dict), Value(bits: key), Value(bits: value)) ? 1 : 0
}

/// `base ** exponent` of two floats; null where that may be an error or complex.
@c func amphis_machine_power(_ base: UInt64, _ exponent: UInt64) -> UInt64 {
  let x = Value(bits: base).double, y = Value(bits: exponent).double
  guard x > 0, x.isFinite, y.isFinite else { return 0 }
  let result = pow(x, y)
  return result.isFinite && result != 0 ? Value(result).bits : 0
}

/// The number of items of a container, −1 for what `len` has to ask.
@c func amphis_machine_length(_ container: UInt64) -> Int { Calls.lengthAtOnce(rt.pointee.lenFunction, Value(bits: container)) }

/// `dict.get(key, fallback)` or null.
@c func amphis_machine_dict_get(_ dict: UInt64, _ key: UInt64, _ fallback: UInt64) -> UInt64 {
  QuietCalls.dictGet(Value(bits: dict), Value(bits: key), Value(bits: fallback)).bits
}

/// Adds to a set: None, or null. `top` as for steps
@c func amphis_machine_set_add(_ set: UInt64, _ item: UInt64, _ top: UnsafeMutableRawPointer) -> UInt64 {
  MachineSteps.addToSet(Value(bits: set), Value(bits: item), above: top) ? Value.none.bits : 0
}

/// `id(value)` or null.
@c func amphis_machine_identity(_ value: UInt64) -> UInt64 { QuietCalls.identity(Value(bits: value)).bits }

/// `type(value)`
@c func amphis_machine_type(_ value: UInt64) -> UInt64 { Value(Value(bits: value).type).bits }

/// `issubclass(value, cls)` or null.
@c func amphis_machine_subclass(_ value: UInt64, _ cls: UInt64) -> UInt64 {
  QuietCalls.isSubclass(Value(bits: value), Value(bits: cls)).bits
}

/// `isinstance(value, cls)` or null.
@c func amphis_machine_is_instance(_ value: UInt64, _ cls: UInt64) -> UInt64 {
  QuietCalls.isInstance(Value(bits: value), Value(bits: cls)).bits
}

/// `str(value)` or null. `top` as for steps, here and below
@c func amphis_machine_text(_ value: UInt64, _ top: UnsafeMutableRawPointer) -> UInt64 {
  QuietCalls.text(Value(bits: value), above: top).bits
}

/// `getattr(value, name, fallback)` or null.
@c func amphis_machine_get_attribute(_ value: UInt64, _ name: UInt64, _ fallback: UInt64, _ top: UnsafeMutableRawPointer?) -> UInt64 {
  QuietCalls.getAttribute(Value(bits: value), Value(bits: name), Value(bits: fallback), above: top).bits
}

/// `hasattr(value, name)` or null.
@c func amphis_machine_has_attribute(_ value: UInt64, _ name: UInt64, _ top: UnsafeMutableRawPointer) -> UInt64 {
  QuietCalls.hasAttribute(Value(bits: value), Value(bits: name), above: top).bits
}

/// Functions of one float whose result is one.
enum MathFunction: Int, CaseIterable {
  case sqrt, sin, cos, tan, exp, atan, fabs, abs

  /// The number of the function of that name, −1 for others.
  static func number(_ name: String, _ module: String) -> Int {
    guard let found = allCases.first(where: { "\($0)" == name }) else { return -1 }
    return module == (found == .abs ? "builtins" : "math") ? found.rawValue : -1
  }
}

/// What a function of `MathFunction` answers; null where it may be an error, and for what is no float (ints, but for `abs`).
@c func amphis_machine_math(_ value: UInt64, _ which: UInt64) -> UInt64 {
  let v = Value(bits: value)
  guard let function = MathFunction(rawValue: Int(which)), v.isDouble || v.isSmallInt && function != .abs else { return 0 }
  let x = Quickening.number(v)
  guard x.isFinite else { return 0 }
  let result: Double
  switch function {
  case .sqrt: result = x < 0 ? .nan : x.squareRoot()
  case .sin: result = sin(x)
  case .cos: result = cos(x)
  case .tan: result = tan(x)
  case .exp: result = exp(x)
  case .atan: result = atan(x)
  case .fabs, .abs: result = x.magnitude
  }
  return result.isFinite ? Value(result).bits : 0
}
