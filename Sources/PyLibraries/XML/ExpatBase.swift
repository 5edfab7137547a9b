import CExpat
import Glibc
import PyRuntime

/// A parser of expat's: nil at first and after the end. A cell of its own, because it has a finalizer, and what a dead object with a finalizer
/// refers to is marked once more: here nothing but the handle of the parser that this one was made by, which ends later because expat shares
/// its tables.
struct ExpatHandleLayout {
  var header: CellHeader
  var parser: OpaquePointer?
  var parent: Value

  static let trace: TraceFunction = { cell, tracer in
    Tracer(tracer).visit(cell.assumingMemoryBound(to: ExpatHandleLayout.self).pointee.parent)
  }
}

enum ExpatHandles {
  nonisolated(unsafe) private static var type: TypeRef?
  /// What a parser without documents takes of memory outside of the heap, about.
  private static let bytesOutside = 16 << 10

  /// Makes the type of handles, without a name in the module.
  static func declare(_ m: inout ModuleBuilder) throws(Raised) {
    if type != nil { return }
    type = try m.hiddenType(
      full: "pyexpat._handle", layoutSize: MemoryLayout<ExpatHandleLayout>.size, flags: [.disallowInstantiation]
    ) { t in
      t.trace(ExpatHandleLayout.trace)
      t.slots.finalize = VisitCode { _, v in ExpatHandles.free(v) }
    }
  }

  static func make(_ vm: VM, parent: Value) throws(Raised) -> Value {
    guard let type else { throw vm.raise(.systemError, "no handles of parsers") }
    let handle = try vm.instance(ExpatHandleLayout.self, of: type)
    handle.pointee.parent = parent
    vm.countOutside(bytes: bytesOutside)
    return Value(handle)
  }

  static func free(_ handle: Value) {
    guard !handle.isNull, let parser = handle.as(ExpatHandleLayout.self).pointee.parser else { return }
    handle.as(ExpatHandleLayout.self).pointee.parser = nil
    XML_ParserFree(parser)
  }
}

/// How every object with a parser of expat's begins. Callbacks get the address of the object, which does not move; what they raise waits in
/// `raised` until expat has returned, because nothing may unwind through its frames. `handle` is null before there is a parser; `thread` is
/// the one that parses.
struct ExpatBase {
  var header: CellHeader
  /// null or an exception
  var raised: Value
  var handle: Value
  var thread: UnsafeMutablePointer<ThreadState>?
  var isParsing: Bool

  var parser: OpaquePointer? { handle.isNull ? nil : handle.as(ExpatHandleLayout.self).pointee.parser }
}
typealias ExpatBaseRef = UnsafeMutablePointer<ExpatBase>

extension UnsafeMutablePointer where Pointee == ExpatBase {
  /// Gives the object a parser, in the place of one that it may have.
  func own(_ vm: VM, parent: Value = .null, _ make: () -> OpaquePointer?) throws(Raised) -> OpaquePointer {
    let handle = try ExpatHandles.make(vm, parent: parent)
    guard let parser = make() else { throw vm.raiseMemoryError() }
    handle.as(ExpatHandleLayout.self).pointee.parser = parser
    ExpatHandles.free(pointee.handle)
    pointee.handle = handle
    return parser
  }

  /// The pending exception is to come out of the call that parses.
  func keepPending(_ vm: VM) {
    let exception = vm.takePending()
    if pointee.raised.isNull { pointee.raised = exception }
  }

  /// Marks the parser as busy on this thread while `body` calls expat, and raises what callbacks have raised.
  func parsing(_ vm: VM, _ body: () -> Int) throws(Raised) -> Int {
    if pointee.isParsing { throw vm.raise(.runtimeError, "the parser is parsing already") }
    pointee.isParsing = true
    pointee.thread = vm.thread
    let result = body()
    pointee.isParsing = false
    if !pointee.raised.isNull {
      let exception = pointee.raised
      pointee.raised = .null
      throw vm.reraise(exception)
    }
    return result
  }
}

/// The object behind a callback's user data, unless something was raised already: then the rest of the document passes unseen.
@inline(__always)
func expatObject<Layout>(_ data: UnsafeMutableRawPointer?, _: Layout.Type) -> (VM, UnsafeMutablePointer<Layout>)? {
  guard let data else { return nil }
  let base = data.assumingMemoryBound(to: ExpatBase.self)
  guard base.pointee.raised.isNull, let thread = base.pointee.thread else { return nil }
  return (VM(thread), data.assumingMemoryBound(to: Layout.self))
}

/// Text to and from expat.
enum ExpatText {
  typealias Chars = UnsafePointer<CChar>

  /// A str of zero-terminated UTF-8; None without text.
  static func str(_ vm: VM, _ s: Chars?) throws(Raised) -> Value {
    guard let s else { return .none }
    return try str(vm, s, strlen(s))
  }
  @inline(__always) static func str(_ vm: VM, _ s: Chars?, _ count: Int) throws(Raised) -> Value {
    guard let s, count > 0 else { return try vm.emptyStr() }
    return try vm.str(utf8: UnsafeRawBufferPointer(start: s, count: count))
  }

  /// A str's text as zero-terminated UTF-8, in memory that the caller's stack keeps alive; nil for None or null.
  static func chars(_ vm: VM, _ v: Value) throws(Raised) -> Chars? {
    if v.isNull || v.isNone { return nil }
    let bytes = try utf8(vm, v)
    if let base = bytes.baseAddress, memchr(base, 0, bytes.count) != nil {
      throw vm.raise(.valueError, "embedded null character")
    }
    // A zero follows the units of strs and the bytes of bytes, but not in cells that share a buffer.
    let copy = try vm.allocateBytes(bytes.count &+ 1)
    if let base = bytes.baseAddress { memcpy(copy, base, bytes.count) }
    return UnsafePointer(copy.assumingMemoryBound(to: CChar.self))
  }

  /// A str as UTF-8, where it lies if it is ASCII. The memory belongs to the str or to an object that the caller's stack keeps alive.
  static func utf8(_ vm: VM, _ v: Value, errors: StaticString = "strict") throws(Raised) -> UnsafeRawBufferPointer {
    let s = v.as(StrLayout.self)
    if s.isASCII { return UnsafeRawBufferPointer(start: s.units, count: s.pointee.length) }
    let bytes = try Codecs.encode(vm, v, try vm.intern("utf-8"), try vm.intern(errors)).as(BytesLayout.self)
    return UnsafeRawBufferPointer(start: bytes.bytes, count: bytes.pointee.count)
  }

  static func message(_ code: XML_Error) -> String { XML_ErrorString(code).map { String(cString: $0) } ?? "unknown error" }
}

/// Encodings that expat does not know: tables of 256 characters made by the codecs of the VM.
enum ExpatEncodings {
  static func install(_ parser: OpaquePointer, _ object: UnsafeMutableRawPointer) {
    XML_SetUnknownEncodingHandler(
      parser,
      { data, name, info in
        guard let (vm, base) = expatObject(data, ExpatBase.self), let name, let info else { return 0 }
        do throws(Raised) {
          try ExpatEncodings.fill(vm, name, info)
          return 1
        } catch {
          base.keepPending(vm)
          return 0
        }
      }, object)
  }

  private static func fill(_ vm: VM, _ name: UnsafePointer<CChar>, _ info: UnsafeMutablePointer<XML_Encoding>) throws(Raised) {
    let bytes = try vm.bytes(count: 256)
    let template = bytes.as(BytesLayout.self).bytes
    for i in 0..<256 { template[i] = UInt8(i) }
    let text = try Codecs.decode(vm, bytes, try ExpatText.str(vm, name), try vm.intern("replace"))
    guard text.isStr, text.as(StrLayout.self).pointee.length == 256 else {
      throw vm.raise(.valueError, "multi-byte encodings are not supported")
    }
    let s = text.as(StrLayout.self)
    withUnsafeMutablePointer(to: &info.pointee.map) { map in
      let places = UnsafeMutableRawPointer(map).assumingMemoryBound(to: Int32.self)
      for i in 0..<256 {
        let c = s[codePoint: i]
        places[i] = c == 0xFFFD ? -1 : Int32(truncatingIfNeeded: c)
      }
    }
    info.pointee.data = nil
    info.pointee.convert = nil
    info.pointee.release = nil
  }
}
