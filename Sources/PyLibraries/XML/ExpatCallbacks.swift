import CExpat
import Glibc
import PyRuntime

/// What expat calls for an `xmlparser`, and how it is told to.
enum ExpatCallbacks {
  typealias Chars = UnsafePointer<CChar>
  typealias Arguments = UnsafeMutablePointer<Value>

  /// Calls the handler of an event with the arguments that `fill` writes, and answers its result; null if there is none or something
  /// was raised.
  @inline(__always)
  private static func report(
    _ data: UnsafeMutableRawPointer?, _ event: ExpatEvent, _ fill: (VM, ExpatParserRef, Arguments) throws(Raised) -> Int
  ) -> Value {
    guard let (vm, p) = expatObject(data, ExpatParserLayout.self), !p.handler(event).isNull else { return .null }
    do throws(Raised) {
      try p.flush(vm)
      var values = (Value.null, Value.null, Value.null, Value.null, Value.null, Value.null, Value.null)
      return try withUnsafeMutablePointer(to: &values) { tuple throws(Raised) -> Value in
        let arguments = UnsafeMutableRawPointer(tuple).assumingMemoryBound(to: Value.self)
        let count = try fill(vm, p, arguments)
        return try p.call(vm, event, arguments, count)
      }
    } catch {
      p.fail(vm)
      return .null
    }
  }
  /// The result of a handler that decides something: not 0 to go on.
  private static func number(_ data: UnsafeMutableRawPointer?, _ result: Value) -> Int32 {
    guard !result.isNull, let (vm, p) = expatObject(data, ExpatParserLayout.self) else { return 0 }
    do throws(Raised) { return Int32(truncatingIfNeeded: try vm.asInt(result)) } catch {
      p.fail(vm)
      return 0
    }
  }

  // MARK: elements and text

  private static let startElement: XML_StartElementHandler = { data, name, attributes in
    _ = report(data, .startElement) { (vm, p, a) throws(Raised) in
      var count = 0
      if p.pointee.omitsDefaults, let parser = p.base.pointee.parser {
        count = Int(XML_GetSpecifiedAttributeCount(parser))
      } else if let attributes {
        while attributes[count] != nil { count &+= 2 }
      }
      a[1] = p.pointee.ordersAttributes ? try vm.list(capacity: max(0, count)) : try vm.dict()
      var i = 0
      while i < count, let attributes {
        let key = try p.interned(vm, attributes[i])
        let value = try ExpatText.str(vm, attributes[i &+ 1])
        if p.pointee.ordersAttributes {
          try vm.append(a[1], key)
          try vm.append(a[1], value)
        } else {
          try Dicts.set(vm, a[1], key, value)
        }
        i &+= 2
      }
      a[0] = try p.interned(vm, name)
      return 2
    }
  }
  private static let endElement: XML_EndElementHandler = { data, name in
    _ = report(data, .endElement) { (vm, p, a) throws(Raised) in
      a[0] = try p.interned(vm, name)
      return 1
    }
  }
  private static let characterData: XML_CharacterDataHandler = { data, text, length in
    guard let (vm, p) = expatObject(data, ExpatParserLayout.self), let text, !p.handler(.characterData).isNull else { return }
    let count = Int(length)
    do throws(Raised) {
      guard p.pointee.buffer != nil else { return try p.report(vm, text: text, count) }
      if p.pointee.bufferUsed &+ count > p.pointee.bufferSize {
        try p.flush(vm)
        // The handler may be another now, or none.
        if p.handler(.characterData).isNull { return }
      }
      if count > p.pointee.bufferSize { return try p.report(vm, text: text, count) }
      guard let buffer = p.pointee.buffer else { return try p.report(vm, text: text, count) }
      memcpy(buffer + p.pointee.bufferUsed, text, count)
      p.pointee.bufferUsed &+= count
    } catch { p.fail(vm) }
  }
  private static let ignoredText: XML_CharacterDataHandler = { _, _, _ in }
  private static let processingInstruction: XML_ProcessingInstructionHandler = { data, target, text in
    _ = report(data, .processingInstruction) { (vm, p, a) throws(Raised) in
      a[0] = try p.interned(vm, target)
      a[1] = try ExpatText.str(vm, text)
      return 2
    }
  }
  private static let comment: XML_CommentHandler = { data, text in
    _ = report(data, .comment) { (vm, p, a) throws(Raised) in
      a[0] = try ExpatText.str(vm, text)
      return 1
    }
  }
  private static let startCdata: XML_StartCdataSectionHandler = { data in
    _ = report(data, .startCdataSection) { (_, _, _) throws(Raised) in 0 }
  }
  private static let endCdata: XML_EndCdataSectionHandler = { data in
    _ = report(data, .endCdataSection) { (_, _, _) throws(Raised) in 0 }
  }
  private static let plainDefault: XML_DefaultHandler = { data, text, count in
    _ = report(data, .default) { (vm, p, a) throws(Raised) in
      a[0] = try ExpatText.str(vm, text, Int(count))
      return 1
    }
  }
  private static let expandingDefault: XML_DefaultHandler = { data, text, count in
    _ = report(data, .defaultExpand) { (vm, p, a) throws(Raised) in
      a[0] = try ExpatText.str(vm, text, Int(count))
      return 1
    }
  }
  private static let startNamespace: XML_StartNamespaceDeclHandler = { data, prefix, uri in
    _ = report(data, .startNamespaceDecl) { (vm, p, a) throws(Raised) in
      a[0] = try p.interned(vm, prefix)
      a[1] = try p.interned(vm, uri)
      return 2
    }
  }
  private static let endNamespace: XML_EndNamespaceDeclHandler = { data, prefix in
    _ = report(data, .endNamespaceDecl) { (vm, p, a) throws(Raised) in
      a[0] = try p.interned(vm, prefix)
      return 1
    }
  }

  // MARK: declarations

  private static let unparsedEntity: XML_UnparsedEntityDeclHandler = { data, name, base, system, publicID, notation in
    _ = report(data, .unparsedEntityDecl) { (vm, p, a) throws(Raised) in
      a[0] = try p.interned(vm, name)
      a[1] = try p.interned(vm, base)
      a[2] = try p.interned(vm, system)
      a[3] = try p.interned(vm, publicID)
      a[4] = try p.interned(vm, notation)
      return 5
    }
  }
  private static let entity: XML_EntityDeclHandler = { data, name, isParameter, value, length, base, system, publicID, notation in
    _ = report(data, .entityDecl) { (vm, p, a) throws(Raised) in
      a[0] = try p.interned(vm, name)
      a[1] = Value(smallInt: Int(isParameter))
      a[2] = value == nil ? .none : try ExpatText.str(vm, value, Int(length))
      a[3] = try p.interned(vm, base)
      a[4] = try p.interned(vm, system)
      a[5] = try p.interned(vm, publicID)
      a[6] = try p.interned(vm, notation)
      return 7
    }
  }
  private static let notation: XML_NotationDeclHandler = { data, name, base, system, publicID in
    _ = report(data, .notationDecl) { (vm, p, a) throws(Raised) in
      a[0] = try p.interned(vm, name)
      a[1] = try p.interned(vm, base)
      a[2] = try p.interned(vm, system)
      a[3] = try p.interned(vm, publicID)
      return 4
    }
  }
  private static let xmlDeclaration: XML_XmlDeclHandler = { data, version, encoding, standalone in
    _ = report(data, .xmlDecl) { (vm, p, a) throws(Raised) in
      a[0] = try ExpatText.str(vm, version)
      a[1] = try ExpatText.str(vm, encoding)
      a[2] = Value(smallInt: Int(standalone))
      return 3
    }
  }
  private static let elementDeclaration: XML_ElementDeclHandler = { data, name, model in
    let parser = data.flatMap { $0.assumingMemoryBound(to: ExpatBase.self).pointee.parser }
    _ = report(data, .elementDecl) { (vm, p, a) throws(Raised) in
      guard let model else { return 0 }
      a[1] = try content(vm, model)
      a[0] = try p.interned(vm, name)
      return 2
    }
    if let parser, let model { XML_FreeContentModel(parser, model) }
  }
  /// (type, quantifier, name, children)
  private static func content(_ vm: VM, _ model: UnsafePointer<XML_Content>) throws(Raised) -> Value {
    if vm.nativeStackIsLow { throw vm.raiseRecursionError() }
    let count = Int(model.pointee.numchildren)
    let children = try vm.tuple(count: count)
    for i in 0..<count {
      guard let child = model.pointee.children else { break }
      children.as(TupleLayout.self).items[i] = .none
      children.as(TupleLayout.self).items[i] = try content(vm, child + i)
    }
    return try vm.tuple(
      Value(smallInt: Int(model.pointee.type.rawValue)), Value(smallInt: Int(model.pointee.quant.rawValue)),
      try ExpatText.str(vm, model.pointee.name), children)
  }
  private static let attributeDeclaration: XML_AttlistDeclHandler = { data, element, name, type, fallback, isRequired in
    _ = report(data, .attlistDecl) { (vm, p, a) throws(Raised) in
      a[0] = try p.interned(vm, element)
      a[1] = try p.interned(vm, name)
      a[2] = try ExpatText.str(vm, type)
      a[3] = try ExpatText.str(vm, fallback)
      a[4] = Value(smallInt: Int(isRequired))
      return 5
    }
  }
  private static let skippedEntity: XML_SkippedEntityHandler = { data, name, isParameter in
    _ = report(data, .skippedEntity) { (vm, p, a) throws(Raised) in
      a[0] = try p.interned(vm, name)
      a[1] = Value(smallInt: Int(isParameter))
      return 2
    }
  }
  private static let startDoctype: XML_StartDoctypeDeclHandler = { data, name, system, publicID, hasSubset in
    _ = report(data, .startDoctypeDecl) { (vm, p, a) throws(Raised) in
      a[0] = try p.interned(vm, name)
      a[1] = try p.interned(vm, system)
      a[2] = try p.interned(vm, publicID)
      a[3] = Value(smallInt: Int(hasSubset))
      return 4
    }
  }
  private static let endDoctype: XML_EndDoctypeDeclHandler = { data in
    _ = report(data, .endDoctypeDecl) { (_, _, _) throws(Raised) in 0 }
  }
  private static let notStandalone: XML_NotStandaloneHandler = { data in
    number(data, report(data, .notStandalone) { (_, _, _) throws(Raised) in 0 })
  }
  /// Its first argument is the object: `XML_SetExternalEntityRefHandlerArg`.
  private static let externalEntity: XML_ExternalEntityRefHandler = { argument, context, base, system, publicID in
    let data = argument.map { UnsafeMutableRawPointer($0) }
    return number(
      data,
      report(data, .externalEntityRef) { (vm, p, a) throws(Raised) in
        a[0] = try ExpatText.str(vm, context)
        a[1] = try p.interned(vm, base)
        a[2] = try p.interned(vm, system)
        a[3] = try p.interned(vm, publicID)
        return 4
      })
  }

  // MARK: installation

  /// Makes expat report an event, or not.
  static func install(_ parser: OpaquePointer, _ event: ExpatEvent, _ on: Bool, isInCallback: Bool) {
    switch event {
    case .startElement: XML_SetStartElementHandler(parser, on ? startElement : nil)
    case .endElement: XML_SetEndElementHandler(parser, on ? endElement : nil)
    case .processingInstruction: XML_SetProcessingInstructionHandler(parser, on ? processingInstruction : nil)
    case .characterData:
      // expat may be in the middle of reporting a text: it goes on calling what it has found there.
      XML_SetCharacterDataHandler(parser, on ? characterData : isInCallback ? ignoredText : nil)
    case .unparsedEntityDecl: XML_SetUnparsedEntityDeclHandler(parser, on ? unparsedEntity : nil)
    case .notationDecl: XML_SetNotationDeclHandler(parser, on ? notation : nil)
    case .startNamespaceDecl: XML_SetStartNamespaceDeclHandler(parser, on ? startNamespace : nil)
    case .endNamespaceDecl: XML_SetEndNamespaceDeclHandler(parser, on ? endNamespace : nil)
    case .comment: XML_SetCommentHandler(parser, on ? comment : nil)
    case .startCdataSection: XML_SetStartCdataSectionHandler(parser, on ? startCdata : nil)
    case .endCdataSection: XML_SetEndCdataSectionHandler(parser, on ? endCdata : nil)
    case .default: XML_SetDefaultHandler(parser, on ? plainDefault : nil)
    case .defaultExpand: XML_SetDefaultHandlerExpand(parser, on ? expandingDefault : nil)
    case .notStandalone: XML_SetNotStandaloneHandler(parser, on ? notStandalone : nil)
    case .externalEntityRef: XML_SetExternalEntityRefHandler(parser, on ? externalEntity : nil)
    case .startDoctypeDecl: XML_SetStartDoctypeDeclHandler(parser, on ? startDoctype : nil)
    case .endDoctypeDecl: XML_SetEndDoctypeDeclHandler(parser, on ? endDoctype : nil)
    case .entityDecl: XML_SetEntityDeclHandler(parser, on ? entity : nil)
    case .xmlDecl: XML_SetXmlDeclHandler(parser, on ? xmlDeclaration : nil)
    case .elementDecl: XML_SetElementDeclHandler(parser, on ? elementDeclaration : nil)
    case .attlistDecl: XML_SetAttlistDeclHandler(parser, on ? attributeDeclaration : nil)
    case .skippedEntity: XML_SetSkippedEntityHandler(parser, on ? skippedEntity : nil)
    }
  }
}
