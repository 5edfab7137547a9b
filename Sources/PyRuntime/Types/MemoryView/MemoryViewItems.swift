// Items of a memoryview in native layout.
import Glibc

extension MemoryViews {
  static func unpack(_ vm: VM, _ code: UInt8, _ p: UnsafeRawPointer) throws(Raised) -> Value {
    switch code {
    case 0x42: return Value(smallInt: Int(p.load(as: UInt8.self)))
    case 0x62: return Value(smallInt: Int(p.load(as: Int8.self)))
    case 0x63: return try vm.bytes(byte: p.load(as: UInt8.self))
    case 0x3F: return .bool(p.load(as: UInt8.self) != 0)
    case 0x68: return Value(smallInt: Int(p.loadUnaligned(as: Int16.self)))
    case 0x48: return Value(smallInt: Int(p.loadUnaligned(as: UInt16.self)))
    case 0x69: return Value(smallInt: Int(p.loadUnaligned(as: Int32.self)))
    case 0x49: return Value(smallInt: Int(p.loadUnaligned(as: UInt32.self)))
    case 0x6C, 0x71, 0x6E: return try vm.int(p.loadUnaligned(as: Int.self))
    case 0x4C, 0x51, 0x4E, 0x50: return try Ints.make(vm, unsigned: p.loadUnaligned(as: UInt64.self))
    case 0x66: return Value(Double(p.loadUnaligned(as: Float.self)))
    case 0x64: return Value(p.loadUnaligned(as: Double.self))
    default: throw vm.raise(.notImplementedError, "memoryview: format not supported")
    }
  }

  static func pack(_ vm: VM, _ m: MemoryViewRef, _ p: UnsafeMutableRawPointer, _ v: Value) throws(Raised) {
    let code = m.pointee.code
    func invalid(_ what: String) -> Raised {
      vm.raise(what == "type" ? .typeError : .valueError, "memoryview: invalid \(what) for format '\(m.pointee.format.swiftString)'")
    }
    /// A conversion that failed says what the value is not.
    func converted(_ error: Raised) -> Raised {
      let isType = vm.pendingIs(.typeError)
      guard isType || vm.pendingIs(.overflowError) || vm.pendingIs(.valueError) else { return error }
      vm.clearPending()
      return invalid(isType ? "type" : "value")
    }
    func store<T: FixedWidthInteger>(_: T.Type) throws(Raised) {
      guard v.isInt || v.type.pointee.slots.index != nil else { throw invalid("type") }
      let n: Value
      do throws(Raised) { n = try vm.index(v) } catch { throw converted(error) }
      // Python code may have released the view.
      try check(vm, m)
      if T.isSigned {
        guard let i = Ints.asInt64(n), let x = T(exactly: i) else { throw invalid("value") }
        p.storeBytes(of: x, as: T.self)
      } else {
        guard let i = Ints.asUInt64(n), let x = T(exactly: i) else { throw invalid("value") }
        p.storeBytes(of: x, as: T.self)
      }
    }
    switch code {
    case 0x42: try store(UInt8.self)
    case 0x62: try store(Int8.self)
    case 0x68: try store(Int16.self)
    case 0x48: try store(UInt16.self)
    case 0x69: try store(Int32.self)
    case 0x49: try store(UInt32.self)
    case 0x6C, 0x71, 0x6E: try store(Int64.self)
    case 0x4C, 0x51, 0x4E, 0x50: try store(UInt64.self)
    case 0x3F:
      let b = try vm.isTrue(v)
      try check(vm, m)
      p.storeBytes(of: b ? 1 : 0, as: UInt8.self)
    case 0x63:
      guard v.isBytes else { throw invalid("type") }
      guard v.as(BytesLayout.self).pointee.count == 1 else { throw invalid("value") }
      p.storeBytes(of: v.as(BytesLayout.self).bytes[0], as: UInt8.self)
    case 0x66, 0x64:
      let d: Double
      do throws(Raised) { d = try vm.asDouble(v) } catch {
        throw converted(error)
      }
      try check(vm, m)
      if code == 0x66 { p.storeBytes(of: Float(d), as: Float.self) } else { p.storeBytes(of: d, as: Double.self) }
    default:
      throw vm.raise(.notImplementedError, "memoryview: format \(m.pointee.format.swiftString) not supported")
    }
  }

  /// An index of a dimension, made positive.
  static func place(_ vm: VM, _ m: MemoryViewRef, _ dimension: Int, _ index: Int) throws(Raised) -> Int {
    let n = extent(m, dimension)
    let i = index < 0 ? index &+ n : index
    guard i >= 0 && i < n else { throw vm.raise(.indexError, "index out of bounds on dimension \(dimension &+ 1)") }
    return i
  }

  static func checkFormat(_ vm: VM, _ m: MemoryViewRef) throws(Raised) {
    if m.pointee.code == 0 {
      let format = m.pointee.format.swiftString
      let isLong = (format.hasPrefix("@") ? format.dropFirst() : format[...]).utf8.count != 1
      throw vm.raise(
        .notImplementedError, isLong ? "memoryview: unsupported format \(format)" : "memoryview: format \(format) not supported")
    }
  }

  static func toList(_ vm: VM, _ m: MemoryViewRef, _ p: UnsafeMutableRawPointer, _ dimension: Int) throws(Raised) -> Value {
    if dimension == m.pointee.dimensions { return try unpack(vm, m.pointee.code, p) }
    let list = try vm.list()
    let n = extent(m, dimension)
    for i in 0..<max(0, n) { try vm.append(list, try toList(vm, m, address(m, p, dimension, i), dimension &+ 1)) }
    return list
  }

  /// Same shape and equal items.
  static func equal(_ vm: VM, _ a: MemoryViewRef, _ b: MemoryViewRef) throws(Raised) -> Bool {
    guard a.pointee.dimensions == b.pointee.dimensions else { return false }
    for k in 0..<a.pointee.dimensions where extent(a, k) != extent(b, k) { return false }
    let x = a.pointee.code, y = b.pointee.code
    if x == 0 || y == 0 { return try equalByStruct(vm, a, b) }
    let isBytewise = x == y && x != 0x66 && x != 0x64 && x != 0x3F
    if isBytewise && isContiguous(a) && isContiguous(b) {
      guard let p = a.pointee.memory, let q = b.pointee.memory else { return true }
      return memcmp(p, q, a.pointee.byteCount) == 0
    }
    guard let p = a.pointee.memory, let q = b.pointee.memory else { return true }
    return try equalItems(vm, a, b, p, q, 0)
  }
  private static func equalItems(
    _ vm: VM, _ a: MemoryViewRef, _ b: MemoryViewRef, _ p: UnsafeMutableRawPointer, _ q: UnsafeMutableRawPointer, _ k: Int
  ) throws(Raised) -> Bool {
    if k == a.pointee.dimensions {
      let x = try unpack(vm, a.pointee.code, p), y = try unpack(vm, b.pointee.code, q)
      if x.isDouble && y.isDouble { return x.double == y.double }
      return try vm.equal(x, y)
    }
    let n = extent(a, k)
    for i in 0..<max(0, n) where try !equalItems(vm, a, b, address(a, p, k, i), address(b, q, k, i), k &+ 1) { return false }
    return true
  }

  /// Tuples of items read apart: a NaN is not equal to itself, although it is one object here.
  private static func equalRecords(_ vm: VM, _ a: Value, _ b: Value) throws(Raised) -> Bool {
    guard a.isTuple, b.isTuple else { return false }
    let x = a.as(TupleLayout.self), y = b.as(TupleLayout.self)
    guard x.pointee.count == y.pointee.count else { return false }
    for i in 0..<x.pointee.count {
      if x.items[i].isDouble && y.items[i].isDouble {
        if x.items[i].double != y.items[i].double { return false }
      } else if try !vm.equal(x.items[i], y.items[i]) {
        return false
      }
    }
    return true
  }

  /// Formats beyond single native characters: the struct module decides; what it does not understand is unequal.
  private static func equalByStruct(_ vm: VM, _ a: MemoryViewRef, _ b: MemoryViewRef) throws(Raised) -> Bool {
    let module = try vm.importModule("struct")
    let unpack = try vm.getAttribute(module, "iter_unpack")
    do throws(Raised) {
      let x = try vm.list(from: try vm.call(unpack, a.pointee.format, try bytes(vm, a)))
      let y = try vm.list(from: try vm.call(unpack, b.pointee.format, try bytes(vm, b)))
      let p = x.as(ListLayout.self), q = y.as(ListLayout.self)
      guard p.pointee.count == q.pointee.count else { return false }
      for i in 0..<p.pointee.count {
        guard let a = p.pointee.items?[i], let b = q.pointee.items?[i], try equalRecords(vm, a, b) else { return false }
      }
      return true
    } catch {
      guard vm.pendingIs(.exception) else { throw error }
      vm.clearPending()
      return false
    }
  }
}
