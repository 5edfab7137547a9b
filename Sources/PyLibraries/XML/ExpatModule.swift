import CExpat
import PyRuntime

/// `pyexpat`: native by the rule of speed; expat itself is C, linked into the executable.
enum ExpatModule {
  nonisolated(unsafe) private static var errorClass = Value.null

  static func declare(_ m: inout ModuleBuilder) throws(Raised) {
    let vm = m.vm
    try ExpatHandles.declare(&m)
    m.doc("The parser expat: it reports what a document has to handlers, in their order.")
    ExpatParserType.type = try m.type(
      full: "pyexpat.xmlparser", "XMLParserType", layoutSize: MemoryLayout<ExpatParserLayout>.size, flags: [.disallowInstantiation],
      ExpatParserType.declare)
    if errorClass.isNull {
      let namespace = try vm.dict()
      try Dicts.set(vm, namespace, "__module__", try vm.intern("xml.parsers.expat"))
      errorClass = try vm.call(
        Value(rt.types.type), try vm.intern("ExpatError"), try vm.tuple(Value(rt.types[.exception])), namespace)
    }
    m.value("ExpatError", errorClass)
    m.value("error", errorClass)
    m.function(
      "ParserCreate", "($module, /, encoding=None, namespace_separator=None,\n             intern=<unrepresentable>)",
      "Makes a parser. With a separator it processes namespaces and puts it between their URIs and names.", create)
    m.function("ErrorString", "($module, code, /)", "What expat says about an error's number.") { vm, _, code throws(Raised) in
      let n = try vm.asInt(code)
      guard n >= 0, n <= Int(Int32.max) else { return .none }
      return try ExpatText.str(vm, XML_ErrorString(XML_Error(UInt32(n))))
    }
    m.value("EXPAT_VERSION", try ExpatText.str(vm, XML_ExpatVersion()))
    let version = XML_ExpatVersionInfo()
    m.value("version_info", try vm.tuple(try vm.int(Int(version.major)), try vm.int(Int(version.minor)), try vm.int(Int(version.micro))))
    m.str("native_encoding", "UTF-8")
    m.value("features", try features(vm))
    try m.int("XML_PARAM_ENTITY_PARSING_NEVER", 0)
    try m.int("XML_PARAM_ENTITY_PARSING_UNLESS_STANDALONE", 1)
    try m.int("XML_PARAM_ENTITY_PARSING_ALWAYS", 2)
    try declareErrors(m)
    try declareModel(m)
  }

  private static func features(_ vm: VM) throws(Raised) -> Value {
    let list = try vm.list()
    guard var feature = XML_GetFeatureList() else { return list }
    while feature.pointee.feature != XML_FEATURE_END {
      try vm.append(list, try vm.tuple(try ExpatText.str(vm, feature.pointee.name), try vm.int(feature.pointee.value)))
      feature += 1
    }
    return list
  }

  /// A module inside this one, in `sys.modules` as well.
  private static func submodule(_ m: ModuleBuilder, _ full: StaticString, _ name: StaticString, _ doc: StaticString) throws(Raised) -> Value
  {
    let vm = m.vm
    let fullName = try vm.intern(full)
    let module = try vm.newModule(fullName, doc: vm.staticStr(doc))
    m.value(name, module)
    try Dicts.set(vm, rt.pointee.modules, fullName, module)
    return module.as(ModuleLayout.self).pointee.dict
  }

  private static func declareErrors(_ m: ModuleBuilder) throws(Raised) {
    let vm = m.vm
    let dict = try submodule(m, "pyexpat.errors", "errors", "What expat can say about a document, and the numbers of it.")
    let codes = try vm.dict(), messages = try vm.dict()
    var code: UInt32 = 0
    func add(_ name: StaticString) throws(Raised) {
      code += 1
      let message = try ExpatText.str(vm, XML_ErrorString(XML_Error(code)))
      if message.isNone { return }
      try Dicts.set(vm, dict, name, message)
      try Dicts.set(vm, codes, message, try vm.int(Int(code)))
      try Dicts.set(vm, messages, try vm.int(Int(code)), message)
    }
    // In the order of their numbers, from 1 on.
    try add("XML_ERROR_NO_MEMORY")
    try add("XML_ERROR_SYNTAX")
    try add("XML_ERROR_NO_ELEMENTS")
    try add("XML_ERROR_INVALID_TOKEN")
    try add("XML_ERROR_UNCLOSED_TOKEN")
    try add("XML_ERROR_PARTIAL_CHAR")
    try add("XML_ERROR_TAG_MISMATCH")
    try add("XML_ERROR_DUPLICATE_ATTRIBUTE")
    try add("XML_ERROR_JUNK_AFTER_DOC_ELEMENT")
    try add("XML_ERROR_PARAM_ENTITY_REF")
    try add("XML_ERROR_UNDEFINED_ENTITY")
    try add("XML_ERROR_RECURSIVE_ENTITY_REF")
    try add("XML_ERROR_ASYNC_ENTITY")
    try add("XML_ERROR_BAD_CHAR_REF")
    try add("XML_ERROR_BINARY_ENTITY_REF")
    try add("XML_ERROR_ATTRIBUTE_EXTERNAL_ENTITY_REF")
    try add("XML_ERROR_MISPLACED_XML_PI")
    try add("XML_ERROR_UNKNOWN_ENCODING")
    try add("XML_ERROR_INCORRECT_ENCODING")
    try add("XML_ERROR_UNCLOSED_CDATA_SECTION")
    try add("XML_ERROR_EXTERNAL_ENTITY_HANDLING")
    try add("XML_ERROR_NOT_STANDALONE")
    try add("XML_ERROR_UNEXPECTED_STATE")
    try add("XML_ERROR_ENTITY_DECLARED_IN_PE")
    try add("XML_ERROR_FEATURE_REQUIRES_XML_DTD")
    try add("XML_ERROR_CANT_CHANGE_FEATURE_ONCE_PARSING")
    try add("XML_ERROR_UNBOUND_PREFIX")
    try add("XML_ERROR_UNDECLARING_PREFIX")
    try add("XML_ERROR_INCOMPLETE_PE")
    try add("XML_ERROR_XML_DECL")
    try add("XML_ERROR_TEXT_DECL")
    try add("XML_ERROR_PUBLICID")
    try add("XML_ERROR_SUSPENDED")
    try add("XML_ERROR_NOT_SUSPENDED")
    try add("XML_ERROR_ABORTED")
    try add("XML_ERROR_FINISHED")
    try add("XML_ERROR_SUSPEND_PE")
    try add("XML_ERROR_RESERVED_PREFIX_XML")
    try add("XML_ERROR_RESERVED_PREFIX_XMLNS")
    try add("XML_ERROR_RESERVED_NAMESPACE_URI")
    try add("XML_ERROR_INVALID_ARGUMENT")
    try add("XML_ERROR_NO_BUFFER")
    try add("XML_ERROR_AMPLIFICATION_LIMIT_BREACH")
    try Dicts.set(vm, dict, "codes", codes)
    try Dicts.set(vm, dict, "messages", messages)
  }

  private static func declareModel(_ m: ModuleBuilder) throws(Raised) {
    let vm = m.vm
    let dict = try submodule(m, "pyexpat.model", "model", "What the numbers in the models of ElementDeclHandler mean.")
    func add(_ name: StaticString, _ n: Int) throws(Raised) { try Dicts.set(vm, dict, name, Value(smallInt: n)) }
    try add("XML_CTYPE_EMPTY", 1)
    try add("XML_CTYPE_ANY", 2)
    try add("XML_CTYPE_MIXED", 3)
    try add("XML_CTYPE_NAME", 4)
    try add("XML_CTYPE_CHOICE", 5)
    try add("XML_CTYPE_SEQ", 6)
    try add("XML_CQUANT_NONE", 0)
    try add("XML_CQUANT_OPT", 1)
    try add("XML_CQUANT_REP", 2)
    try add("XML_CQUANT_PLUS", 3)
  }

  private static let create: NativeMany = { vm, _, args throws(Raised) in
    let encoding = args[0], separator = args[1], intern = args[2]
    func check(_ v: Value, _ name: StaticString) throws(Raised) {
      if v.isNull || v.isNone || v.isStr { return }
      throw vm.raise(.typeError, "ParserCreate() argument '\(name)' must be str or None, not \(v.nameAsArgument)")
    }
    try check(encoding, "encoding")
    try check(separator, "namespace_separator")
    if separator.isStr, try ExpatText.utf8(vm, separator).count > 1 {
      throw vm.raise(.valueError, "namespace_separator must be at most one character, omitted, or None")
    }
    guard intern.isNull || intern.isNone || intern.isDict else { throw vm.raise(.typeError, "intern must be a dictionary") }
    let p = try ExpatParserType.make(vm)
    p.pointee.intern = intern.isNull ? try vm.dict() : intern.isNone ? .null : intern
    let mark = try ExpatText.chars(vm, separator)
    let name = try ExpatText.chars(vm, encoding)
    let parser = try p.base.own(vm) { XML_ParserCreate_MM(name, nil, mark) }
    ExpatParserType.connect(p, parser)
    XML_SetHashSalt(parser, UInt(truncatingIfNeeded: rt.pointee.hashSecret.0))
    return Value(p)
  }

  /// An ExpatError that tells code and place.
  static func error(_ vm: VM, _ parser: OpaquePointer, _ code: XML_Error) -> Raised {
    let line = Int(truncatingIfNeeded: XML_GetCurrentLineNumber(parser)),
      column = Int(truncatingIfNeeded: XML_GetCurrentColumnNumber(parser))
    do throws(Raised) {
      let exception = try vm.call(errorClass, try vm.str("\(ExpatText.message(code)): line \(line), column \(column)"))
      try vm.setAttribute(exception, "code", try vm.int(Int(code.rawValue)))
      try vm.setAttribute(exception, "offset", try vm.int(column))
      try vm.setAttribute(exception, "lineno", try vm.int(line))
      return vm.raise(exception)
    } catch { return error }
  }
}
