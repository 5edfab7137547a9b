import CExpat
import Glibc
import PyRuntime

/// `XMLParser`.
enum EtreeParserType {
  static func layout(_ v: Value) -> EtreeParserRef { v.as(EtreeParserLayout.self) }

  static func declare(_ t: inout TypeBuilder) throws(Raised) {
    t.trace(EtreeParserLayout.trace)
    t.slots.new = NewCode { (vm, cls, _) throws(Raised) in Value(try vm.instance(EtreeParserLayout.self, of: cls.asType)) }
    t.slots.initialize = NativeInitCode { (vm, v, args) throws(Raised) in
      try vm.bind(args, "XMLParser", "(*, target=None, encoding=None)") { a throws(Raised) in
        let encoding = a[1].isNull ? .none : a[1]
        guard encoding.isNone || encoding.isStr else {
          throw vm.raise(.typeError, "XMLParser() argument 'encoding' must be str or None, not \(encoding.nameAsArgument)")
        }
        try start(vm, layout(v), a[0].isNull ? .none : a[0], encoding)
      }
    }
    t.method("feed", "($self, data, /)", nil, feed)
    t.method("close", "($self, /)", nil) { vm, v throws(Raised) in
      let p = try ready(vm, v)
      try p.parse(vm, nil, 0, final: true)
      if let builder = p.pointee.builder { return builder.pointee.root.isNull ? .none : builder.pointee.root }
      return p.pointee.handleClose.isNull ? .none : try vm.call(p.pointee.handleClose)
    }
    t.method("_parse_whole", "($self, file, /)", nil, parseWhole)
    t.method("_setevents", "($self, events_queue, events_to_report=None, /)", nil, setEvents)
    t.member("entity", nil, offset: MemoryLayout<EtreeParserLayout>.offset(of: \.entity), whenNull: .null)
    t.member("target", nil, offset: MemoryLayout<EtreeParserLayout>.offset(of: \.target), whenNull: .null)
    t.getset("version", nil) { vm, _ throws(Raised) in
      let v = XML_ExpatVersionInfo()
      return try vm.str("Expat \(v.major).\(v.minor).\(v.micro)")
    }
  }

  private static func start(_ vm: VM, _ p: EtreeParserRef, _ given: Value, _ encoding: Value) throws(Raised) {
    if p.base.pointee.isParsing { throw vm.raise(.runtimeError, "the parser is parsing already") }
    let target = given.isNone ? try TreeBuilderType.make(vm, TreeBuilderType.type) : given
    func method(_ name: StaticString) throws(Raised) -> Value { try vm.getAttributeOrNull(target, name) }
    p.pointee.handleStart = try method("start")
    p.pointee.handleData = try method("data")
    p.pointee.handleEnd = try method("end")
    p.pointee.handleComment = try method("comment")
    p.pointee.handleInstruction = try method("pi")
    p.pointee.handleClose = try method("close")
    p.pointee.handleDoctype = try method("doctype")
    p.pointee.handleStartSpace = try method("start_ns")
    p.pointee.handleEndSpace = try method("end_ns")
    p.pointee.entity = try vm.dict()
    let name = try ExpatText.chars(vm, encoding)
    let parser = try p.base.own(vm) { XML_ParserCreate_MM(name, nil, "}") }
    XML_SetHashSalt(parser, UInt(truncatingIfNeeded: rt.pointee.hashSecret.0))
    p.pointee.names = nil
    p.pointee.nameCount = 0
    p.pointee.nameCapacity = 0
    p.pointee.target = target
    p.pointee.builder = target.isExact(TreeBuilderType.type) ? TreeBuilderType.layout(target) : nil
    EtreeCallbacks.install(parser, p)
  }

  private static func ready(_ vm: VM, _ v: Value) throws(Raised) -> EtreeParserRef {
    let p = layout(v)
    if p.base.pointee.parser == nil { throw vm.raise(.valueError, "XMLParser.__init__() wasn't called") }
    return p
  }

  private static let feed: NativeOne = { vm, v, data throws(Raised) in
    let p = try ready(vm, v)
    if data.isStr {
      let text = try ExpatText.utf8(vm, data)
      // Too late after the first text: then the answer is an error that does not matter.
      if let parser = p.base.pointee.parser { XML_SetEncoding(parser, "utf-8") }
      try p.parse(vm, text.baseAddress, text.count, final: false)
      return .none
    }
    var view = try vm.buffer(of: data, .simple)
    defer { vm.release(&view) }
    try p.parse(vm, view.memory, view.byteCount, final: false)
    return .none
  }

  private static let parseWhole: NativeOne = { vm, v, file throws(Raised) in
    let p = try ready(vm, v)
    let read = try vm.getAttribute(file, "read")
    let size = Value(smallInt: 64 << 10)
    while true {
      let piece = try vm.call(read, size)
      if piece.isStr {
        if piece.as(StrLayout.self).pointee.length == 0 { break }
        let text = try ExpatText.utf8(vm, piece, errors: "surrogatepass")
        try vm.withKept(piece) { () throws(Raised) in try p.parse(vm, text.baseAddress, text.count, final: false) }
        continue
      }
      guard piece.isExact(rt.types.bytes) else { break }
      let bytes = piece.as(BytesLayout.self)
      if bytes.pointee.count == 0 { break }
      try vm.withKept(piece) { () throws(Raised) in try p.parse(vm, bytes.bytes, bytes.pointee.count, final: false) }
    }
    try p.parse(vm, nil, 0, final: true)
    guard let builder = p.pointee.builder else { return .none }
    return builder.pointee.root.isNull ? .none : builder.pointee.root
  }

  private static let setEvents: NativeTwo = { vm, v, queue, given throws(Raised) in
    let p = try ready(vm, v)
    guard let b = p.pointee.builder, let parser = p.base.pointee.parser else {
      throw vm.raise(.typeError, "event handling only supported for ElementTree.TreeBuilder targets")
    }
    b.pointee.report = try vm.getAttribute(queue, "append")
    b.pointee.startEvent = .null
    b.pointee.endEvent = .null
    b.pointee.startSpaceEvent = .null
    b.pointee.endSpaceEvent = .null
    b.pointee.commentEvent = .null
    b.pointee.piEvent = .null
    if given.isNull || given.isNone {
      b.pointee.endEvent = try vm.intern("end")
      return .none
    }
    let events = try Lists.sequence(vm, given, "events must be a sequence")
    var i = 0
    while let run = Lists.items(of: events), i < run.count {
      let event = run.items[i]
      i &+= 1
      let name: String
      if event.isStr {
        name = event.swiftString
      } else if event.isBytes {
        let b = event.as(BytesLayout.self)
        name = String(decoding: UnsafeRawBufferPointer(start: b.bytes, count: b.pointee.count), as: UTF8.self)
      } else {
        throw vm.raise(.valueError, "invalid events sequence")
      }
      switch name {
      case "start": b.pointee.startEvent = event
      case "end": b.pointee.endEvent = event
      case "start-ns":
        b.pointee.startSpaceEvent = event
        EtreeCallbacks.setSpaces(parser)
      case "end-ns":
        b.pointee.endSpaceEvent = event
        EtreeCallbacks.setSpaces(parser)
      case "comment":
        b.pointee.commentEvent = event
        EtreeCallbacks.setComments(parser)
      case "pi":
        b.pointee.piEvent = event
        EtreeCallbacks.setInstructions(parser)
      default: throw vm.raise(.valueError, "unknown event '\(name)'")
      }
    }
    return .none
  }
}
