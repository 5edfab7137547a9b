import CExpat
import Glibc
import PyRuntime

/// `XMLParser`. `builder` is the target if that is exactly a `TreeBuilder`: then the events of the document go there without a call.
/// Otherwise they go to the target's methods, null where it has none. Names are made once: `names` is an open-addressing table of
/// `nameCapacity` entries of three words, the hash of the text as expat has it (an inline int), the name, and that text as bytes (null if
/// the name has the same).
struct EtreeParserLayout {
  var base: ExpatBase
  var target: Value
  /// dict of what `&name;` stands for, besides what the document declares
  var entity: Value
  var handleStart: Value, handleEnd: Value, handleData: Value, handleComment: Value, handleInstruction: Value
  var handleClose: Value, handleDoctype: Value, handleStartSpace: Value, handleEndSpace: Value
  var names: UnsafeMutablePointer<Value>?
  var nameCount: Int
  var nameCapacity: Int
  var builder: TreeBuilderRef?

  static let valueCount = 11
  static let trace: TraceFunction = { cell, raw in
    let p = cell.assumingMemoryBound(to: EtreeParserLayout.self)
    let tracer = Tracer(raw)
    tracer.visit(p.pointee.base.raised)
    tracer.visit(p.pointee.base.handle)
    let offset = MemoryLayout<EtreeParserLayout>.offset(of: \.target) ?? 0
    tracer.visit((cell + offset).assumingMemoryBound(to: Value.self), count: valueCount, buffer: p.pointee.names)
  }
}
typealias EtreeParserRef = UnsafeMutablePointer<EtreeParserLayout>

extension UnsafeMutablePointer where Pointee == EtreeParserLayout {
  var base: ExpatBaseRef { UnsafeMutableRawPointer(self).assumingMemoryBound(to: ExpatBase.self) }

  // MARK: names

  /// The name that expat calls `uri}local`: `{uri}local`, or the same without a namespace.
  func name(_ vm: VM, _ text: UnsafePointer<CChar>?) throws(Raised) -> Value {
    guard let text else { return .none }
    let count = strlen(text)
    let hash = Self.hash(text, count)
    if pointee.nameCapacity > 0, let names = pointee.names {
      let mask = pointee.nameCapacity &- 1
      var i = hash & mask
      while true {
        let entry = names + 3 &* i
        if entry[1].isNull { break }
        if entry[0] == Value(smallInt: hash), Self.isSame(entry, text, count) { return entry[1] }
        i = (i &+ 1) & mask
      }
    }
    return try makeName(vm, text, count, hash)
  }

  private static func hash(_ text: UnsafePointer<CChar>, _ count: Int) -> Int {
    let p = UnsafeRawPointer(text)
    var h = UInt64(truncatingIfNeeded: count) &* 0x9E37_79B9_7F4A_7C15
    var i = 0
    while i &+ 8 <= count {
      h = (h ^ p.loadUnaligned(fromByteOffset: i, as: UInt64.self)) &* 0xBF58_476D_1CE4_E5B9
      h ^= h >> 31
      i &+= 8
    }
    while i < count {
      h = (h ^ UInt64(p.load(fromByteOffset: i, as: UInt8.self))) &* 0x94D0_49BB_1331_11EB
      h ^= h >> 29
      i &+= 1
    }
    return Int(truncatingIfNeeded: (h ^ h >> 32) & 0x3FFF_FFFF_FFFF)
  }

  private static func isSame(_ entry: UnsafeMutablePointer<Value>, _ text: UnsafePointer<CChar>, _ count: Int) -> Bool {
    if entry[2].isNull {
      let s = entry[1].as(StrLayout.self)
      return s.pointee.length == count && memcmp(s.units, text, count) == 0
    }
    let b = entry[2].as(BytesLayout.self)
    return b.pointee.count == count && memcmp(b.bytes, text, count) == 0
  }

  @inline(never)
  private func makeName(_ vm: VM, _ text: UnsafePointer<CChar>, _ count: Int, _ hash: Int) throws(Raised) -> Value {
    let name: Value
    var key = Value.null
    if memchr(text, 0x7D, count) != nil {
      let memory = try vm.allocateBytes(count &+ 1)
      memory.storeBytes(of: 0x7B, as: UInt8.self)
      memcpy(memory + 1, text, count)
      name = try vm.internName(utf8: UnsafeRawBufferPointer(start: memory, count: count &+ 1))
      key = try vm.bytes(UnsafeRawBufferPointer(start: text, count: count))
    } else {
      name = try vm.internName(utf8: UnsafeRawBufferPointer(start: text, count: count))
      if !name.as(StrLayout.self).isASCII { key = try vm.bytes(UnsafeRawBufferPointer(start: text, count: count)) }
    }
    if (pointee.nameCount &+ 1) &* 2 > pointee.nameCapacity { try growNames(vm) }
    guard let names = pointee.names else { return name }
    let entry = Self.free(names, pointee.nameCapacity, hash)
    entry[0] = Value(smallInt: hash)
    entry[1] = name
    entry[2] = key
    pointee.nameCount &+= 1
    return name
  }

  private static func free(_ names: UnsafeMutablePointer<Value>, _ capacity: Int, _ hash: Int) -> UnsafeMutablePointer<Value> {
    var i = hash & (capacity &- 1)
    while !names[3 &* i &+ 1].isNull { i = (i &+ 1) & (capacity &- 1) }
    return names + 3 &* i
  }

  private func growNames(_ vm: VM) throws(Raised) {
    let capacity = max(32, pointee.nameCapacity &* 2)
    let new = try vm.allocateValues(3 &* capacity)
    if let old = pointee.names {
      for k in 0..<pointee.nameCapacity where !old[3 &* k &+ 1].isNull {
        let entry = Self.free(new, capacity, old[3 &* k].smallInt)
        for n in 0..<3 { entry[n] = old[3 &* k &+ n] }
      }
    }
    pointee.names = new
    pointee.nameCapacity = capacity
  }

  // MARK: parsing

  func parse(_ vm: VM, _ bytes: UnsafeRawPointer?, _ count: Int, final: Bool) throws(Raised) {
    if count > Int(Int32.max) { throw vm.raise(.overflowError, "size does not fit in an int") }
    guard let parser = base.pointee.parser else { return }
    let text = bytes?.assumingMemoryBound(to: CChar.self)
    let status = try base.parsing(vm) { Int(XML_Parse(parser, text, Int32(count), final ? 1 : 0).rawValue) }
    if status == 0 {
      let code = XML_GetErrorCode(parser)
      throw EtreeModule.error(vm, parser, code, ExpatText.message(code))
    }
  }
}
