import CExpat
import PyRuntime

/// `_elementtree`, the native side of `xml.etree.ElementTree`: elements, and a parser that builds trees of them without a call.
enum EtreeModule {
  /// `xml.etree.ElementPath`
  nonisolated(unsafe) static var elementPath = Value.null
  nonisolated(unsafe) private static var parseError = Value.null

  static func declare(_ m: inout ModuleBuilder) throws(Raised) {
    let vm = m.vm
    Elements.strType = rt.types.str
    try ExpatHandles.declare(&m)
    elementPath = try vm.importModule("xml.etree.ElementPath")
    Elements.type = try m.type(
      full: "xml.etree.ElementTree.Element", "Element", layoutSize: MemoryLayout<ElementLayout>.size,
      flags: [.baseType, .weakReferenceable], ElementType.declare)
    TreeBuilderType.type = try m.type(
      full: "xml.etree.ElementTree.TreeBuilder", "TreeBuilder", layoutSize: MemoryLayout<TreeBuilderLayout>.size,
      TreeBuilderType.declare)
    try m.type(
      full: "xml.etree.ElementTree.XMLParser", "XMLParser", layoutSize: MemoryLayout<EtreeParserLayout>.size, EtreeParserType.declare)
    ElementIterator.type = try m.type(
      full: "_elementtree._element_iterator", "_element_iterator", layoutSize: MemoryLayout<ElementIteratorLayout>.size,
      flags: [.disallowInstantiation]
    ) { t in ElementIterator.declare(&t) }
    // It has no name in the module.
    _ = try Dicts.remove(vm, m.dict, try vm.intern("_element_iterator"))
    m.function("SubElement", nil, nil, subElement)
    m.function(
      "_set_factories", "($module, comment_factory, pi_factory, /)",
      "What tree builders make comments and processing instructions with, if they are given nothing else. Returns the two before.",
      TreeBuilderType.setFactories)
    if parseError.isNull {
      let namespace = try vm.dict()
      try Dicts.set(vm, namespace, "__module__", try vm.intern("xml.etree.ElementTree"))
      parseError = try vm.call(
        Value(rt.types.type), try vm.intern("ParseError"), try vm.tuple(Value(rt.types[.syntaxError])), namespace)
    }
    m.value("ParseError", parseError)
  }

  private static let subElement: NativeMany = { vm, _, args throws(Raised) in
    if args.count >= 1, !Elements.isElement(args[0]) {
      throw vm.raise(.typeError, "SubElement() argument 1 must be xml.etree.ElementTree.Element, not \(args[0].nameAsArgument)")
    }
    let attrib = try ElementType.attributes(vm, args, 1, "SubElement")
    let child = Value(try Elements.make(vm, args[1], attrib))
    try Elements.append(vm, Elements.layout(args[0]), child)
    return child
  }

  /// A ParseError with a message alone.
  static func error(_ vm: VM, _ message: String) -> Raised {
    do throws(Raised) { return vm.raise(try vm.call(parseError, try vm.str(message))) } catch { return error }
  }

  /// A ParseError that tells code and the place where the parser is.
  static func error(_ vm: VM, _ parser: OpaquePointer, _ code: XML_Error, _ message: String) -> Raised {
    let line = Int(truncatingIfNeeded: XML_GetCurrentLineNumber(parser))
    let column = Int(truncatingIfNeeded: XML_GetCurrentColumnNumber(parser))
    do throws(Raised) {
      let exception = try vm.call(parseError, try vm.str("\(message): line \(line), column \(column)"))
      try vm.setAttribute(exception, "code", try vm.int(Int(code.rawValue)))
      try vm.setAttribute(exception, "position", try vm.tuple(try vm.int(line), try vm.int(column)))
      return vm.raise(exception)
    } catch { return error }
  }
}
