/// Which memory and which declaration each builtin exception class has.
enum ExceptionTypes {
  static func layoutSize(_ kind: ExceptionKind) -> Int {
    switch kind {
    case .attributeError: return MemoryLayout<AttributeErrorLayout>.size
    case .nameError, .unboundLocalError: return MemoryLayout<NameErrorLayout>.size
    case .stopIteration, .systemExit: return MemoryLayout<OneFieldLayout>.size
    case .importError, .moduleNotFoundError: return MemoryLayout<ImportErrorLayout>.size
    case .syntaxError, .indentationError, .tabError: return MemoryLayout<SyntaxErrorLayout>.size
    case .unicodeError: return MemoryLayout<ExceptionLayout>.size
    case .unicodeDecodeError, .unicodeEncodeError, .unicodeTranslateError: return MemoryLayout<UnicodeErrorLayout>.size
    case .baseExceptionGroup, .exceptionGroup: return MemoryLayout<ExceptionGroupLayout>.size
    default: return isOSError(kind) ? MemoryLayout<OSErrorLayout>.size : MemoryLayout<ExceptionLayout>.size
    }
  }
  private static func isOSError(_ kind: ExceptionKind) -> Bool {
    var k: ExceptionKind? = kind
    while let u = k {
      if u == .osError { return true }
      k = u.base
    }
    return false
  }

  static func declaration(_ kind: ExceptionKind) -> Bootstrap.Declare? {
    switch kind {
    case .baseException: return BaseExceptionType.declare
    case .attributeError: return AttributeErrorType.declare
    case .nameError: return NameErrorType.declare
    case .stopIteration: return StopIterationType.declare
    case .systemExit: return SystemExitType.declare
    case .importError: return ImportErrorType.declare
    case .osError: return OSErrorType.declare
    case .syntaxError: return SyntaxErrorType.declare
    case .keyError: return KeyErrorType.declare
    case .unicodeDecodeError: return UnicodeDecodeErrorType.declare
    case .unicodeEncodeError: return UnicodeEncodeErrorType.declare
    case .unicodeTranslateError: return UnicodeTranslateErrorType.declare
    case .baseExceptionGroup: return ExceptionGroupType.declare
    default: return nil
    }
  }
}

/// `BaseException`
enum BaseExceptionType {
  static func declare(_ t: inout TypeBuilder) {
    t.doc("Common base class for all exceptions")
    t.trace(ExceptionLayout.trace)
    t.slots.new = NewCode(new)
    t.slots.initialize = NativeInitCode(initialize)
    t.slots.repr = NoArgsCode(repr)
    t.slots.str = NoArgsCode(str)
    t.method("with_traceback", nil, "Set self.__traceback__ to tb and return self.", withTraceback)
    t.method("add_note", nil, "Add a note to the exception.", addNote)
    t.method("__reduce__", nil, nil, reduce)
    t.method("__setstate__", nil, nil, setState)
    t.getset("args", nil, getArgs, setArgs)
    t.getset("__traceback__", nil, getTraceback, setTraceback)
    t.getset("__context__", "exception context", getContext, setContext)
    t.getset("__cause__", "exception cause", getCause, setCause)
    t.getset("__suppress_context__", nil, getSuppress, setSuppress)
  }

  @inline(__always) static func layout(_ v: Value) -> UnsafeMutablePointer<ExceptionLayout> { v.as(ExceptionLayout.self) }

  static func new(_ vm: VM, _ type: Value, _ args: Args) throws(Raised) -> Value {
    let given = args.count == 0 ? rt.pointee.emptyTuple : try vm.tuple(copying: args.base, count: args.count)
    let e = try vm.instance(ExceptionLayout.self, of: type.asType)
    e.pointee.args = given
    return Value(e)
  }

  static func initialize(_ vm: VM, _ v: Value, _ args: Args) throws(Raised) {
    if args.keywordCount != 0 {
      throw vm.raise(.typeError, "\(v.type.nameForMessages)() takes no keyword arguments")
    }
    try storeArgs(vm, v, args)
  }
  /// `__new__` has stored the same arguments already, unless a subclass passed others on.
  static func storeArgs(_ vm: VM, _ v: Value, _ args: Args) throws(Raised) {
    let e = layout(v)
    let old = e.pointee.args.as(TupleLayout.self)
    if old.pointee.count == args.count {
      var same = true
      for i in 0..<args.count where old.items[i] != args.base[i] { same = false }
      if same { return }
    }
    e.pointee.args = args.count == 0 ? rt.pointee.emptyTuple : try vm.tuple(copying: args.base, count: args.count)
  }

  static func str(_ vm: VM, _ v: Value) throws(Raised) -> Value {
    let args = layout(v).pointee.args.as(TupleLayout.self)
    switch args.pointee.count {
    case 0: return try vm.str("")
    case 1: return try vm.str(of: args.items[0])
    default: return try vm.str(of: layout(v).pointee.args)
    }
  }
  private static func repr(_ vm: VM, _ v: Value) throws(Raised) -> Value {
    let name = TypeNames.short(v.type)
    let args = layout(v).pointee.args
    let t = args.as(TupleLayout.self)
    let shown = t.pointee.count == 1 ? try vm.repr(t.items[0]) : try vm.repr(args)
    if t.pointee.count == 1 {
      return try vm.concatenate(try vm.concatenate(try vm.str("\(name)("), shown), try vm.str(")"))
    }
    return try vm.concatenate(try vm.str(name), shown)
  }

  // MARK: methods

  private static func withTraceback(_ vm: VM, _ v: Value, _ traceback: Value) throws(Raised) -> Value {
    try setTraceback(vm, v, traceback, .null)
    return v
  }
  private static func addNote(_ vm: VM, _ v: Value, _ note: Value) throws(Raised) -> Value {
    guard note.isStr else { throw vm.raise(.typeError, "note must be a str, not '\(note.typeName)'") }
    var notes = try vm.getAttributeOrNull(v, rt.pointee.names.__notes__)
    if notes.isNull {
      notes = try vm.list()
      try vm.setAttribute(v, rt.pointee.names.__notes__, notes)
    }
    guard notes.isList else { throw vm.raise(.typeError, "Cannot add note: __notes__ is not a list") }
    try vm.append(notes, note)
    return .none
  }

  static func reduce(_ vm: VM, _ v: Value) throws(Raised) -> Value {
    let dict = Attributes.count(v) == 0 ? Value.null : try Attributes.dictionary(vm, v)
    if dict.isNull { return try vm.tuple(Value(v.type), layout(v).pointee.args) }
    return try vm.tuple(Value(v.type), layout(v).pointee.args, dict)
  }
  private static func setState(_ vm: VM, _ v: Value, _ state: Value) throws(Raised) -> Value {
    if state.isNone { return .none }
    guard state.isDict else { throw vm.raise(.typeError, "state is not a dictionary") }
    let copy = try Dicts.copy(vm, state)
    var position = 0
    while let entry = Dicts.next(copy, &position) { try vm.setAttribute(v, entry.key, entry.value) }
    return .none
  }

  // MARK: attributes

  private static func getArgs(_ vm: VM, _ v: Value) throws(Raised) -> Value { layout(v).pointee.args }
  private static func setArgs(_ vm: VM, _ v: Value, _ value: Value, _: Value) throws(Raised) {
    if value.isNull { throw vm.raise(.typeError, "args may not be deleted") }
    layout(v).pointee.args = try vm.tuple(from: value)
  }
  private static func getTraceback(_ vm: VM, _ v: Value) throws(Raised) -> Value {
    layout(v).pointee.traceback.isNull ? .none : layout(v).pointee.traceback
  }
  static func setTraceback(_ vm: VM, _ v: Value, _ value: Value, _: Value) throws(Raised) {
    if value.isNull { throw vm.raise(.typeError, "__traceback__ may not be deleted") }
    guard value.isNone || value.isExact(rt.pointee.types.traceback) else {
      throw vm.raise(.typeError, "__traceback__ must be a traceback or None")
    }
    layout(v).pointee.traceback = value.isNone ? .null : value
  }
  private static func getContext(_ vm: VM, _ v: Value) throws(Raised) -> Value {
    layout(v).pointee.context.isNull ? .none : layout(v).pointee.context
  }
  private static func setContext(_ vm: VM, _ v: Value, _ value: Value, _: Value) throws(Raised) {
    if value.isNull { throw vm.raise(.typeError, "__context__ may not be deleted") }
    guard value.isNone || value.isExceptionInstance else {
      throw vm.raise(.typeError, "exception context must be None or derive from BaseException")
    }
    layout(v).pointee.context = value.isNone ? .null : value
  }
  private static func getCause(_ vm: VM, _ v: Value) throws(Raised) -> Value {
    layout(v).pointee.cause.isNull ? .none : layout(v).pointee.cause
  }
  private static func setCause(_ vm: VM, _ v: Value, _ value: Value, _: Value) throws(Raised) {
    if value.isNull { throw vm.raise(.typeError, "__cause__ may not be deleted") }
    guard value.isNone || value.isExceptionInstance else {
      throw vm.raise(.typeError, "exception cause must be None or derive from BaseException")
    }
    layout(v).pointee.cause = value.isNone ? .null : value
    layout(v).pointee.suppressContext = true
  }
  private static func getSuppress(_ vm: VM, _ v: Value) throws(Raised) -> Value { .bool(layout(v).pointee.suppressContext) }
  private static func setSuppress(_ vm: VM, _ v: Value, _ value: Value, _: Value) throws(Raised) {
    if value.isNull { throw vm.raise(.typeError, "can't delete numeric/char attribute") }
    guard value.isBool else { throw vm.raise(.typeError, "attribute value type must be bool") }
    layout(v).pointee.suppressContext = value == .true
  }
}
