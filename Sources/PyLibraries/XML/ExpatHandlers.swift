import CExpat
import PyRuntime

/// The handlers of an `xmlparser`, its attributes: one line each, because what is behind an attribute is a function without captures.
enum ExpatHandlers {
  static func declare(_ t: inout TypeBuilder) {
    t.getset("StartElementHandler", nil, { (_, v) throws(Raised) in get(v, .startElement) }) { vm, v, x, _ throws(Raised) in
      try set(vm, v, x, .startElement)
    }
    t.getset("EndElementHandler", nil, { (_, v) throws(Raised) in get(v, .endElement) }) { vm, v, x, _ throws(Raised) in
      try set(vm, v, x, .endElement)
    }
    t.getset("ProcessingInstructionHandler", nil, { (_, v) throws(Raised) in get(v, .processingInstruction) }) {
      vm, v, x, _ throws(Raised) in try set(vm, v, x, .processingInstruction)
    }
    t.getset("CharacterDataHandler", nil, { (_, v) throws(Raised) in get(v, .characterData) }) { vm, v, x, _ throws(Raised) in
      try set(vm, v, x, .characterData)
    }
    t.getset("UnparsedEntityDeclHandler", nil, { (_, v) throws(Raised) in get(v, .unparsedEntityDecl) }) { vm, v, x, _ throws(Raised) in
      try set(vm, v, x, .unparsedEntityDecl)
    }
    t.getset("NotationDeclHandler", nil, { (_, v) throws(Raised) in get(v, .notationDecl) }) { vm, v, x, _ throws(Raised) in
      try set(vm, v, x, .notationDecl)
    }
    t.getset("StartNamespaceDeclHandler", nil, { (_, v) throws(Raised) in get(v, .startNamespaceDecl) }) { vm, v, x, _ throws(Raised) in
      try set(vm, v, x, .startNamespaceDecl)
    }
    t.getset("EndNamespaceDeclHandler", nil, { (_, v) throws(Raised) in get(v, .endNamespaceDecl) }) { vm, v, x, _ throws(Raised) in
      try set(vm, v, x, .endNamespaceDecl)
    }
    t.getset("CommentHandler", nil, { (_, v) throws(Raised) in get(v, .comment) }) { vm, v, x, _ throws(Raised) in
      try set(vm, v, x, .comment)
    }
    t.getset("StartCdataSectionHandler", nil, { (_, v) throws(Raised) in get(v, .startCdataSection) }) { vm, v, x, _ throws(Raised) in
      try set(vm, v, x, .startCdataSection)
    }
    t.getset("EndCdataSectionHandler", nil, { (_, v) throws(Raised) in get(v, .endCdataSection) }) { vm, v, x, _ throws(Raised) in
      try set(vm, v, x, .endCdataSection)
    }
    t.getset("DefaultHandler", nil, { (_, v) throws(Raised) in get(v, .default) }) { vm, v, x, _ throws(Raised) in
      try set(vm, v, x, .default)
    }
    t.getset("DefaultHandlerExpand", nil, { (_, v) throws(Raised) in get(v, .defaultExpand) }) { vm, v, x, _ throws(Raised) in
      try set(vm, v, x, .defaultExpand)
    }
    t.getset("NotStandaloneHandler", nil, { (_, v) throws(Raised) in get(v, .notStandalone) }) { vm, v, x, _ throws(Raised) in
      try set(vm, v, x, .notStandalone)
    }
    t.getset("ExternalEntityRefHandler", nil, { (_, v) throws(Raised) in get(v, .externalEntityRef) }) { vm, v, x, _ throws(Raised) in
      try set(vm, v, x, .externalEntityRef)
    }
    t.getset("StartDoctypeDeclHandler", nil, { (_, v) throws(Raised) in get(v, .startDoctypeDecl) }) { vm, v, x, _ throws(Raised) in
      try set(vm, v, x, .startDoctypeDecl)
    }
    t.getset("EndDoctypeDeclHandler", nil, { (_, v) throws(Raised) in get(v, .endDoctypeDecl) }) { vm, v, x, _ throws(Raised) in
      try set(vm, v, x, .endDoctypeDecl)
    }
    t.getset("EntityDeclHandler", nil, { (_, v) throws(Raised) in get(v, .entityDecl) }) { vm, v, x, _ throws(Raised) in
      try set(vm, v, x, .entityDecl)
    }
    t.getset("XmlDeclHandler", nil, { (_, v) throws(Raised) in get(v, .xmlDecl) }) { vm, v, x, _ throws(Raised) in
      try set(vm, v, x, .xmlDecl)
    }
    t.getset("ElementDeclHandler", nil, { (_, v) throws(Raised) in get(v, .elementDecl) }) { vm, v, x, _ throws(Raised) in
      try set(vm, v, x, .elementDecl)
    }
    t.getset("AttlistDeclHandler", nil, { (_, v) throws(Raised) in get(v, .attlistDecl) }) { vm, v, x, _ throws(Raised) in
      try set(vm, v, x, .attlistDecl)
    }
    t.getset("SkippedEntityHandler", nil, { (_, v) throws(Raised) in get(v, .skippedEntity) }) { vm, v, x, _ throws(Raised) in
      try set(vm, v, x, .skippedEntity)
    }
  }

  private static func get(_ v: Value, _ event: ExpatEvent) -> Value {
    let handler = ExpatParserType.layout(v).handler(event)
    return handler.isNull ? .none : handler
  }

  private static func set(_ vm: VM, _ v: Value, _ x: Value, _ event: ExpatEvent) throws(Raised) {
    if x.isNull { throw vm.raise(.runtimeError, "Cannot delete attribute") }
    let p = ExpatParserType.layout(v)
    guard let parser = p.base.pointee.parser else { return }
    // What has been kept back is the old handler's.
    if event == .characterData { try p.flush(vm) }
    p.pointee.handlers?[event.rawValue] = x.isNone ? .null : x
    ExpatCallbacks.install(parser, event, !x.isNone, isInCallback: p.pointee.isInCallback)
  }
}
