/// `_tokenize`: the compiler's own tokens.
enum TokenizeModule {
  /// An iterator. Its reader is a Swift object that the table `readers` owns until the iterator ends or dies.
  private struct Iterator {
    var header: CellHeader
    /// Key in `readers`, 0 when used up
    var reader: Int
  }

  nonisolated(unsafe) private static var readers: [Int: any TokenReader] = [:]
  nonisolated(unsafe) private static var lastReader = 0

  static func declare(_ m: inout ModuleBuilder) throws(Raised) {
    try m.type("TokenizerIter", layoutSize: MemoryLayout<Iterator>.size, flags: [.baseType, .finalized]) { t throws(Raised) in
      t.slots.new = NewCode(new)
      t.slots.iter = NoArgsCode { _, v in v }
      t.slots.next = NoArgsCode(next)
      t.slots.finalize = VisitCode { _, v in finish(v) }
    }
  }

  private static func new(_ vm: VM, _ cls: Value, _ args: Args) throws(Raised) -> Value {
    try vm.bind(args, "tokenizeriter", "(source)") { a throws(Raised) in
      guard a[0].isStr else { throw vm.raise(.typeError, "tokenizeriter() argument 'source' must be str, not \(a[0].argumentTypeName)") }
      let source = a[0].utf8Bytes
      let compiler = try Compiling.compiler(vm, Array("<string>".utf8))
      let made = try vm.instance(Iterator.self, of: cls.asType)
      let v = Value(made)
      lastReader &+= 1
      readers[lastReader] = source.withUnsafeBytes { compiler.tokens(source: $0) }
      made.pointee.reader = lastReader
      return v
    }
  }

  private static func finish(_ v: Value) {
    let i = v.as(Iterator.self)
    if i.pointee.reader != 0 { readers[i.pointee.reader] = nil }
    i.pointee.reader = 0
  }

  /// (text, type, line, end line, column, end column, line's text)
  private static func next(_ vm: VM, _ v: Value) throws(Raised) -> Value {
    guard let reader = readers[v.as(Iterator.self).pointee.reader] else { return .exhausted }
    switch reader.next() {
    case .end:
      finish(v)
      return .exhausted
    case .failure(let failure):
      finish(v)
      throw try Compiling.error(vm, failure, filename: Array("<string>".utf8))
    case .token(let token):
      let t = try vm.tuple(count: 7)
      let items = t.as(TupleLayout.self).items
      items[0] = try token.text.withRawBytes { p throws(Raised) in try vm.str(utf8: p) }
      items[1] = Value(smallInt: token.type)
      items[2] = Value(smallInt: token.line)
      items[3] = Value(smallInt: token.endLine)
      items[4] = Value(smallInt: token.column)
      items[5] = Value(smallInt: token.endColumn)
      items[6] = try token.lineText.withRawBytes { p throws(Raised) in try vm.str(utf8: p) }
      return t
    }
  }
}
