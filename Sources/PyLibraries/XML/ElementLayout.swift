import Glibc
import PyRuntime

/// `xml.etree.ElementTree.Element`. `tag`, `text` and `tail` are never null; `attrib` is a dict, or null while nobody has asked for one.
/// `children[0 ..< count]` are elements in a value buffer with room for `capacity`, whose other words are null; nil without room.
struct ElementLayout {
  var header: CellHeader
  var tag: Value
  var text: Value
  var tail: Value
  var attrib: Value
  var children: UnsafeMutablePointer<Value>?
  var count: Int
  var capacity: Int

  static let trace: TraceFunction = { cell, tracer in
    let fields = (cell + 8).assumingMemoryBound(to: Value.self)
    Tracer(tracer).visit(fields, count: 4, buffer: cell.assumingMemoryBound(to: ElementLayout.self).pointee.children)
  }
}
typealias ElementRef = UnsafeMutablePointer<ElementLayout>

extension UnsafeMutablePointer where Pointee == ElementLayout {
  /// Child `i`, or null where there is none.
  @inline(__always) func child(_ i: Int) -> Value {
    guard let children = pointee.children, i >= 0, i < pointee.count else { return .null }
    return children[i]
  }
}

extension Value {
  /// `cellType`, as code outside of PyRuntime can inline it
  @inline(__always) var typeOfCell: TypeRef { self.as(CellHeader.self).pointee.type }
  /// What messages about arguments of a wrong type call it.
  var nameAsArgument: String { isNone ? "None" : typeName }
}

/// Elements: making them, and their children.
enum Elements {
  /// The type; nothing is an element before the module has been imported.
  nonisolated(unsafe) static var type = TypeRef(bitPattern: 64).unsafelyUnwrapped
  /// `str`, for comparisons of tags
  nonisolated(unsafe) static var strType = TypeRef(bitPattern: 64).unsafelyUnwrapped

  @inline(__always) static func isExact(_ v: Value) -> Bool { v.isCell && v.typeOfCell == type }
  @inline(__always) static func isElement(_ v: Value) -> Bool { v.isCell && (v.typeOfCell == type || v.typeOfCell.isSubtype(of: type)) }
  @inline(__always) static func layout(_ v: Value) -> ElementRef { v.as(ElementLayout.self) }

  static func make(_ vm: VM, _ tag: Value, _ attrib: Value) throws(Raised) -> ElementRef {
    let e = try vm.allocate(type, MemoryLayout<ElementLayout>.size).assumingMemoryBound(to: ElementLayout.self)
    e.pointee.tag = tag
    e.pointee.text = .none
    e.pointee.tail = .none
    e.pointee.attrib = attrib
    return e
  }

  /// Room for `wanted` children.
  static func reserve(_ vm: VM, _ e: ElementRef, _ wanted: Int) throws(Raised) {
    if wanted <= e.pointee.capacity { return }
    guard wanted < Int.max / 32 else { throw vm.raiseMemoryError() }
    let room = wanted <= 4 ? 4 : wanted <= 8 ? 8 : wanted &+ wanted / 2
    let (items, capacity) = try vm.reallocateValues(e.pointee.children, used: e.pointee.count, room)
    e.pointee.children = items
    e.pointee.capacity = capacity
  }

  static func append(_ vm: VM, _ e: ElementRef, _ child: Value) throws(Raised) {
    if e.pointee.count == e.pointee.capacity { try reserve(vm, e, e.pointee.count &+ 1) }
    e.pointee.children?[e.pointee.count] = child
    e.pointee.count &+= 1
  }

  /// Puts `new` in place of the children from `at` on, `removed` of them, which are there.
  static func replace(_ vm: VM, _ e: ElementRef, at: Int, _ removed: Int, with new: UnsafePointer<Value>?, _ added: Int) throws(Raised) {
    let old = e.pointee.count, tail = old &- at &- removed
    let count = old &- removed &+ added
    try reserve(vm, e, count)
    guard let children = e.pointee.children else { return }
    if tail > 0 && added != removed { memmove(children + at + added, children + at + removed, tail &* 8) }
    if let new { for i in 0..<added { children[at &+ i] = new[i] } }
    if count < old { (children + count).update(repeating: .null, count: old &- count) }
    e.pointee.count = count
  }

  /// The dict of attributes, made if there is none.
  static func attributes(_ vm: VM, _ e: ElementRef) throws(Raised) -> Value {
    if e.pointee.attrib.isNull { e.pointee.attrib = try vm.dict() }
    return e.pointee.attrib
  }

  static func notElement(_ vm: VM, _ v: Value) -> Raised { vm.raise(.typeError, "expected an Element, not \"\(v.typeName)\"") }

  /// Whether two tags (or any objects) are equal; strs without a call.
  @inline(__always)
  static func isEqual(_ vm: VM, _ a: Value, _ b: Value) throws(Raised) -> Bool {
    if a == b { return true }
    if a.isCell, b.isCell, a.typeOfCell == strType, b.typeOfCell == strType {
      let x = a.as(StrLayout.self), y = b.as(StrLayout.self)
      guard x.pointee.length == y.pointee.length, x.pointee.unit == y.pointee.unit else { return false }
      return memcmp(x.units, y.units, x.pointee.length &* Int(x.pointee.unit)) == 0
    }
    return try vm.equalSlowly(a, b)
  }
}
