import CExpat
import Glibc
import PyRuntime

/// What a parser can report, in the order of its handlers.
enum ExpatEvent: Int, CaseIterable {
  case startElement, endElement, processingInstruction, characterData, unparsedEntityDecl, notationDecl, startNamespaceDecl,
    endNamespaceDecl, comment, startCdataSection, endCdataSection, `default`, defaultExpand, notStandalone, externalEntityRef,
    startDoctypeDecl, endDoctypeDecl, entityDecl, xmlDecl, elementDecl, attlistDecl, skippedEntity

  static var count: Int { skippedEntity.rawValue + 1 }

  /// How a traceback calls what calls the handler.
  var function: StaticString {
    switch self {
    case .startElement: "StartElement"
    case .endElement: "EndElement"
    case .processingInstruction: "ProcessingInstruction"
    case .characterData: "CharacterData"
    case .unparsedEntityDecl: "UnparsedEntityDecl"
    case .notationDecl: "NotationDecl"
    case .startNamespaceDecl: "StartNamespaceDecl"
    case .endNamespaceDecl: "EndNamespaceDecl"
    case .comment: "Comment"
    case .startCdataSection: "StartCdataSection"
    case .endCdataSection: "EndCdataSection"
    case .default: "Default"
    case .defaultExpand: "DefaultHandlerExpand"
    case .notStandalone: "NotStandalone"
    case .externalEntityRef: "ExternalEntityRef"
    case .startDoctypeDecl: "StartDoctypeDecl"
    case .endDoctypeDecl: "EndDoctypeDecl"
    case .entityDecl: "EntityDecl"
    case .xmlDecl: "XmlDecl"
    case .elementDecl: "ElementDecl"
    case .attlistDecl: "AttlistDecl"
    case .skippedEntity: "SkippedEntity"
    }
  }
}

/// `pyexpat.xmlparser`. `handlers` is a value buffer with one word for each `ExpatEvent`, null without a handler. `buffer` is a raw-buffer
/// cell of `bufferSize` bytes while text is buffered, of which `bufferUsed` hold text not reported yet.
struct ExpatParserLayout {
  var base: ExpatBase
  /// dict, or null
  var intern: Value
  var handlers: UnsafeMutablePointer<Value>?
  var buffer: UnsafeMutablePointer<UInt8>?
  var bufferSize: Int
  var bufferUsed: Int
  var ordersAttributes: Bool
  var omitsDefaults: Bool
  var keepsPrefixes: Bool
  var isInCallback: Bool

  static let trace: TraceFunction = { cell, raw in
    let p = cell.assumingMemoryBound(to: ExpatParserLayout.self)
    let tracer = Tracer(raw)
    tracer.visit(p.pointee.base.raised)
    tracer.visit(p.pointee.base.handle)
    tracer.visit(p.pointee.intern)
    tracer.visitBuffer(p.pointee.handlers)
    tracer.visitBuffer(p.pointee.buffer)
  }
}
typealias ExpatParserRef = UnsafeMutablePointer<ExpatParserLayout>

extension UnsafeMutablePointer where Pointee == ExpatParserLayout {
  var base: ExpatBaseRef { UnsafeMutableRawPointer(self).assumingMemoryBound(to: ExpatBase.self) }

  func handler(_ event: ExpatEvent) -> Value { pointee.handlers?[event.rawValue] ?? .null }

  /// A str that the dict of names keeps; None without text.
  func interned(_ vm: VM, _ text: UnsafePointer<CChar>?) throws(Raised) -> Value {
    let s = try ExpatText.str(vm, text)
    if s.isNone || pointee.intern.isNull { return s }
    return try Dicts.setDefault(vm, pointee.intern, s, s)
  }

  /// Calls the handler of an event with `count` arguments. What it raises is raised, after expat was told to stop.
  func call(_ vm: VM, _ event: ExpatEvent, _ arguments: UnsafeMutablePointer<Value>, _ count: Int) throws(Raised) -> Value {
    let handler = handler(event)
    if handler.isNull { return .none }
    let was = pointee.isInCallback
    pointee.isInCallback = true
    do throws(Raised) {
      let result = try vm.call(handler, Args(arguments, count: count))
      pointee.isInCallback = was
      return result
    } catch {
      pointee.isInCallback = was
      Tracebacks.addNative(vm, function: event.function, file: "../Modules/pyexpat.c", line: 1)
      if let parser = base.pointee.parser { XML_StopParser(parser, 0) }
      throw error
    }
  }

  /// Reports the text that has been kept back.
  func flush(_ vm: VM) throws(Raised) {
    guard pointee.bufferUsed > 0, let buffer = pointee.buffer else { return }
    let count = pointee.bufferUsed
    pointee.bufferUsed = 0
    try report(vm, text: UnsafeRawPointer(buffer).assumingMemoryBound(to: CChar.self), count)
  }
  func report(_ vm: VM, text: UnsafePointer<CChar>, _ count: Int) throws(Raised) {
    if handler(.characterData).isNull { return }
    var argument = try ExpatText.str(vm, text, count)
    _ = try withUnsafeMutablePointer(to: &argument) { p throws(Raised) in try call(vm, .characterData, p, 1) }
  }

  /// After an error in a handler: there are none any more.
  func fail(_ vm: VM) {
    base.keepPending(vm)
    guard let parser = base.pointee.parser else { return }
    for event in ExpatEvent.allCases {
      pointee.handlers?[event.rawValue] = .null
      ExpatCallbacks.install(parser, event, false, isInCallback: pointee.isInCallback)
    }
    XML_SetExternalEntityRefHandler(parser) { _, _, _, _, _ in 0 }
  }
}
