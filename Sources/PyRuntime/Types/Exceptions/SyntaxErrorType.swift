/// `SyntaxError`
enum SyntaxErrorType {
  private typealias L = SyntaxErrorLayout

  static func declare(_ t: inout TypeBuilder) {
    t.doc("Invalid syntax.")
    t.slots.initialize = NativeInitCode(initialize)
    t.slots.str = NoArgsCode(str)
    t.member("msg", "exception msg", offset: MemoryLayout<L>.offset(of: \.message), readOnly: false)
    t.member("filename", "exception filename", offset: MemoryLayout<L>.offset(of: \.filename), readOnly: false)
    t.member("lineno", "exception lineno", offset: MemoryLayout<L>.offset(of: \.line), readOnly: false)
    t.member("offset", "exception offset", offset: MemoryLayout<L>.offset(of: \.offset), readOnly: false)
    t.member("text", "exception text", offset: MemoryLayout<L>.offset(of: \.text), readOnly: false)
    t.member("end_lineno", "exception end lineno", offset: MemoryLayout<L>.offset(of: \.endLine), readOnly: false)
    t.member("end_offset", "exception end offset", offset: MemoryLayout<L>.offset(of: \.endOffset), readOnly: false)
    t.member(
      "print_file_and_line", "exception print_file_and_line", offset: MemoryLayout<L>.offset(of: \.printFileAndLine), readOnly: false)
  }

  /// `SyntaxError(msg, (filename, lineno, offset, text[, end_lineno, end_offset]))`
  private static func initialize(_ vm: VM, _ v: Value, _ args: Args) throws(Raised) {
    try BaseExceptionType.initialize(vm, v, args)
    let e = v.as(SyntaxErrorLayout.self)
    if args.count >= 1 { e.pointee.message = args[0] }
    if args.count != 2 { return }
    let info = try vm.tuple(from: args[1])
    let t = info.as(TupleLayout.self)
    let n = t.pointee.count
    if n < 4 {
      throw vm.raise(
        .typeError,
        "function missing required argument '\(n < 1 ? "filename" : n < 2 ? "lineno" : n < 3 ? "offset" : "text")' (pos \(n + 1))")
    }
    if n > 6 { throw vm.raise(.typeError, "function takes at most 6 arguments (\(n) given)") }
    e.pointee.filename = t.items[0]
    e.pointee.line = t.items[1]
    e.pointee.offset = t.items[2]
    e.pointee.text = t.items[3]
    e.pointee.endLine = n > 4 ? t.items[4] : .null
    e.pointee.endOffset = n > 5 ? t.items[5] : .null
    if n == 5 { throw vm.raise(.typeError, "end_offset must be provided when end_lineno is provided") }
  }

  private static func str(_ vm: VM, _ v: Value) throws(Raised) -> Value {
    let e = v.as(SyntaxErrorLayout.self)
    let message = try vm.str(of: e.pointee.message.isNull ? .none : e.pointee.message)
    let hasFile = e.pointee.filename.isStr
    let line = e.pointee.line
    let hasLine = line.isExactInt
    if !hasFile && !hasLine { return message }
    var suffix = ""
    let lineText = hasLine ? try vm.str(of: line).swiftString : ""
    if hasFile {
      let full = e.pointee.filename.swiftString
      let name = full.utf8.lastIndex(of: UInt8(ascii: "/")).map { String(full[full.index(after: $0)...]) } ?? full
      suffix = hasLine ? " (\(name), line \(lineText))" : " (\(name))"
    } else {
      suffix = " (line \(lineText))"
    }
    return try vm.concatenate(message, try vm.str(suffix))
  }
}
