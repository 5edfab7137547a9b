import CExpat
import Glibc
import PyRuntime

/// What expat calls for an `XMLParser`.
enum EtreeCallbacks {
  typealias Chars = UnsafePointer<CChar>

  @inline(__always)
  private static func run(_ data: UnsafeMutableRawPointer?, _ body: (VM, EtreeParserRef) throws(Raised) -> Void) {
    guard let (vm, p) = expatObject(data, EtreeParserLayout.self) else { return }
    do throws(Raised) { try body(vm, p) } catch { p.base.keepPending(vm) }
  }

  static func install(_ parser: OpaquePointer, _ p: EtreeParserRef) {
    let object = UnsafeMutableRawPointer(p)
    XML_SetUserData(parser, object)
    XML_SetElementHandler(
      parser,
      { data, name, attributes in EtreeCallbacks.run(data) { (vm, p) throws(Raised) in try EtreeCallbacks.start(vm, p, name, attributes) }
      },
      { data, name in EtreeCallbacks.run(data) { (vm, p) throws(Raised) in try EtreeCallbacks.end(vm, p, name) } })
    XML_SetCharacterDataHandler(parser) { data, text, count in
      EtreeCallbacks.run(data) { (vm, p) throws(Raised) in try EtreeCallbacks.add(vm, p, text, Int(count)) }
    }
    XML_SetDefaultHandlerExpand(parser) { data, text, count in
      // Only references to entities that the document does not declare matter here.
      guard count > 2, let text, text[0] == 0x26 else { return }
      EtreeCallbacks.run(data) { (vm, p) throws(Raised) in try EtreeCallbacks.reference(vm, p, text, Int(count)) }
    }
    if !p.pointee.handleComment.isNull { setComments(parser) }
    if !p.pointee.handleInstruction.isNull { setInstructions(parser) }
    if !p.pointee.handleStartSpace.isNull || !p.pointee.handleEndSpace.isNull { setSpaces(parser) }
    XML_SetStartDoctypeDeclHandler(parser) { data, name, system, publicID, _ in
      EtreeCallbacks.run(data) { (vm, p) throws(Raised) in try EtreeCallbacks.doctype(vm, p, name, system, publicID) }
    }
    ExpatEncodings.install(parser, object)
  }

  static func setComments(_ parser: OpaquePointer) {
    XML_SetCommentHandler(parser) { data, text in
      EtreeCallbacks.run(data) { (vm, p) throws(Raised) in
        let comment = try ExpatText.str(vm, text)
        if let builder = p.pointee.builder {
          _ = try builder.comment(vm, comment)
        } else if !p.pointee.handleComment.isNull {
          _ = try vm.call(p.pointee.handleComment, comment)
        }
      }
    }
  }

  static func setInstructions(_ parser: OpaquePointer) {
    XML_SetProcessingInstructionHandler(parser) { data, target, text in
      EtreeCallbacks.run(data) { (vm, p) throws(Raised) in
        if let builder = p.pointee.builder {
          if builder.pointee.report.isNull || builder.pointee.piEvent.isNull, !builder.pointee.insertsInstructions { return }
          let name = try ExpatText.str(vm, target)
          _ = try builder.instruction(vm, name, try ExpatText.str(vm, text))
        } else if !p.pointee.handleInstruction.isNull {
          let name = try ExpatText.str(vm, target)
          _ = try vm.call(p.pointee.handleInstruction, name, try ExpatText.str(vm, text))
        }
      }
    }
  }

  static func setSpaces(_ parser: OpaquePointer) {
    XML_SetNamespaceDeclHandler(
      parser,
      { data, prefix, uri in
        EtreeCallbacks.run(data) { (vm, p) throws(Raised) in
          if let builder = p.pointee.builder, builder.pointee.startSpaceEvent.isNull { return }
          let name = prefix == nil ? try vm.emptyStr() : try ExpatText.str(vm, prefix)
          let space = uri == nil ? try vm.emptyStr() : try ExpatText.str(vm, uri)
          if let builder = p.pointee.builder {
            try builder.tell(vm, builder.pointee.startSpaceEvent, try vm.tuple(name, space))
          } else if !p.pointee.handleStartSpace.isNull {
            _ = try vm.call(p.pointee.handleStartSpace, name, space)
          }
        }
      },
      { data, prefix in
        EtreeCallbacks.run(data) { (vm, p) throws(Raised) in
          if let builder = p.pointee.builder {
            if !builder.pointee.endSpaceEvent.isNull { try builder.tell(vm, builder.pointee.endSpaceEvent, .none) }
          } else if !p.pointee.handleEndSpace.isNull {
            _ = try vm.call(p.pointee.handleEndSpace, prefix == nil ? try vm.emptyStr() : try ExpatText.str(vm, prefix))
          }
        }
      })
  }

  // MARK: events

  private static func start(
    _ vm: VM, _ p: EtreeParserRef, _ name: Chars?, _ attributes: UnsafeMutablePointer<Chars?>?
  ) throws(Raised) {
    let tag = try p.name(vm, name)
    var attrib = Value.null
    if let attributes, attributes[0] != nil {
      attrib = try vm.dict()
      var i = 0
      while let key = attributes[i], let value = attributes[i &+ 1] {
        let k = try p.name(vm, key)
        try Dicts.set(vm, attrib, k, try ExpatText.str(vm, value))
        i &+= 2
      }
    }
    if let builder = p.pointee.builder {
      _ = try builder.start(vm, tag, attrib)
    } else if !p.pointee.handleStart.isNull {
      _ = try vm.call(p.pointee.handleStart, tag, attrib.isNull ? try vm.dict() : attrib)
    }
  }

  private static func end(_ vm: VM, _ p: EtreeParserRef, _ name: Chars?) throws(Raised) {
    if let builder = p.pointee.builder {
      _ = try builder.end(vm)
    } else if !p.pointee.handleEnd.isNull {
      _ = try vm.call(p.pointee.handleEnd, try p.name(vm, name))
    }
  }

  private static func add(_ vm: VM, _ p: EtreeParserRef, _ text: Chars?, _ count: Int) throws(Raised) {
    guard let text else { return }
    if let builder = p.pointee.builder {
      try builder.add(vm, text: text, count)
    } else if !p.pointee.handleData.isNull {
      _ = try vm.call(p.pointee.handleData, try ExpatText.str(vm, text, count))
    }
  }

  private static func reference(_ vm: VM, _ p: EtreeParserRef, _ text: Chars, _ count: Int) throws(Raised) {
    let key = try ExpatText.str(vm, text + 1, count &- 2)
    let value = p.pointee.entity.isNull ? .null : try Dicts.get(vm, p.pointee.entity, key)
    if value.isNull {
      guard let parser = p.base.pointee.parser else { return }
      let shown = String(decoding: UnsafeRawBufferPointer(start: text, count: min(count, 100)), as: UTF8.self)
      throw EtreeModule.error(vm, parser, XML_ERROR_UNDEFINED_ENTITY, "undefined entity \(shown)")
    }
    if let builder = p.pointee.builder {
      try builder.add(vm, data: value)
    } else if !p.pointee.handleData.isNull {
      _ = try vm.call(p.pointee.handleData, value)
    }
  }

  private static func doctype(_ vm: VM, _ p: EtreeParserRef, _ name: Chars?, _ system: Chars?, _ publicID: Chars?) throws(Raised) {
    let root = try p.name(vm, name)
    let first = try ExpatText.str(vm, publicID)
    let second = try ExpatText.str(vm, system)
    if !p.pointee.handleDoctype.isNull {
      _ = try vm.call(p.pointee.handleDoctype, root, first, second)
    } else if try !vm.getAttributeOrNull(Value(p), try vm.intern("doctype")).isNull {
      try vm.warn(
        .runtimeWarning,
        "The doctype() method of XMLParser is ignored.  Define doctype() method on the TreeBuilder target.")
    }
  }
}
