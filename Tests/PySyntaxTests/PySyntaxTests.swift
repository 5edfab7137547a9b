import Testing

@testable import PySyntax

private func parse(_ source: String, _ mode: ParseMode = .exec, _ flags: ParseFlags = []) -> ParseResult {
  Array(source.utf8).withUnsafeBufferPointer { SyntaxTree.parse($0, mode: mode, flags: flags) }
}

private func dump(_ source: String, _ mode: ParseMode = .eval, attributes: Bool = false) -> String {
  switch parse(source, mode) {
  case .success(let tree, _): return String(decoding: dumpAST(tree, includeAttributes: attributes), as: UTF8.self)
  case .failure(let failure, _): return "error: " + failure.message
  }
}

/// `message|line|column|end line|end column`, as CPython 3.11 fills a SyntaxError.
private func failure(_ source: String, _ mode: ParseMode = .exec) -> String {
  guard case .failure(let failure, _) = parse(source, mode) else { return "valid" }
  func text(_ value: Int?) -> String { value.map { String($0) } ?? "None" }
  return [
    failure.message, text(failure.lineno), text(failure.offset), text(failure.endLineno), text(failure.endOffset),
  ].joined(separator: "|")
}

@Suite struct TreeTests {
  /// What the calling thread's stack does not hold is parsed on another one.
  @Test func littleStackGivesTheSameTree() {
    let nested = String(repeating: "[", count: 90) + "x" + String(repeating: "]", count: 90)
    let sources = [nested, "1", String(repeating: "-", count: 500) + "1", "[a for b in " + nested + "]", "f(" + nested + ")", nested + "]"]
    for source in sources {
      let expected = dump(source)
      for room in [0, 200_000, 1 << 20] {
        var limits = ParseLimits()
        limits.stackRoom = room
        let result = Array(source.utf8).withUnsafeBufferPointer { SyntaxTree.parse($0, mode: .eval, limits: limits) }
        switch result {
        case .success(let tree, _): #expect(String(decoding: dumpAST(tree), as: UTF8.self) == expected)
        case .failure(let failure, _): #expect("error: " + failure.message == expected)
        }
      }
    }
    #expect(NativeStack.measureRoom() > 0)
    #expect(NativeStack.levels(200, bytesEach: 1024, room: 0) == 0)
    #expect(NativeStack.levels(200, bytesEach: 1024, room: 64 << 20) == 200)
  }

  @Test func expressions() {
    #expect(
      dump("a + -1")
        == "Expression(body=BinOp(left=Name(id='a', ctx=Load()), op=Add(), right=UnaryOp(op=USub(), operand=Constant(value=1))))")
    #expect(dump("a < b is not c").contains("Compare(left=Name(id='a', ctx=Load()), ops=[Lt(), IsNot()]"))
    #expect(dump("f(x for x in y)").contains("args=[GeneratorExp("))
    #expect(dump("f(a, *b, c=1, **d)").contains("keywords=[keyword(arg='c', value=Constant(value=1)), keyword(value=Name(id='d'"))
    #expect(dump("a[*b, c:d]").contains("slice=Tuple(elts=[Starred("))
  }

  @Test func positionsIncludeParentheses() {
    #expect(
      dump("(a) + b", attributes: true).contains(
        "right=Name(id='b', ctx=Load(), lineno=1, col_offset=6, end_lineno=1, end_col_offset=7), lineno=1, col_offset=0"))
  }

  @Test func softKeywordsAreNames() {
    #expect(dump("match = case = _ = 1\nmatch(x)\nmatch[x]\nprint(match)", .exec).hasPrefix("Module(body=[Assign("))
    #expect(dump("match x:\n  case [1, *_]: pass", .exec).contains("MatchStar()"))
  }

  @Test func literals() {
    #expect(dump("0xFFFFFFFFFFFFFFFFFFFF").contains("value=1208925819614629174706175"))
    #expect(dump("1e16").contains("value=1e+16"))
    #expect(dump("1.5e3j").contains("value=1500j"))
    #expect(dump("'a' \"b\" '\\N{BULLET}\\ud800'").contains("value='ab•\\ud800'"))
    #expect(dump("u'x'").contains("kind='u'"))
    #expect(dump("rb'\\x'").contains("value=b'\\\\x'"))
  }

  @Test func formattedStrings() {
    #expect(
      dump("f'a{x!r:>{w}}{y=}'")
        == "Expression(body=JoinedStr(values=[Constant(value='a'), FormattedValue(value=Name(id='x', ctx=Load()), conversion=114, format_spec=JoinedStr(values=[Constant(value='>'), FormattedValue(value=Name(id='w', ctx=Load()), conversion=-1)])), Constant(value='y='), FormattedValue(value=Name(id='y', ctx=Load()), conversion=114)]))"
    )
  }

  @Test func identifiersAreNormalised() {
    #expect(dump("ﬁ").contains("id='fi'"))
    #expect(dump("Å").contains("id='Å'"))
  }

  @Test func encodings() {
    let latin: [UInt8] = Array("# coding: latin-1\nx = '".utf8) + [0xE9, 0x27]
    guard case .success(let tree, _) = latin.withUnsafeBufferPointer({ SyntaxTree.parse($0, mode: .exec) }) else {
      Issue.record("not parsed")
      return
    }
    #expect(String(decoding: dumpAST(tree), as: UTF8.self).contains("value='é'"))
    #expect(failure("# coding: nonsense\n") == "unknown encoding: nonsense|0|-1|None|None")
  }
}

@Suite struct ErrorTests {
  @Test func positionsAndMessages() {
    #expect(failure("f(a b)") == "invalid syntax. Perhaps you forgot a comma?|1|3|1|6")
    #expect(failure("x = (1,\n") == "'(' was never closed|1|5|1|0")
    #expect(failure("if x:\npass") == "expected an indented block after 'if' statement on line 1|2|1|2|5")
    #expect(failure("f() = 1") == "cannot assign to function call here. Maybe you meant '==' instead of '='?|1|1|1|4")
    #expect(failure("print 1") == "Missing parentheses in call to 'print'. Did you mean print(...)?|1|1|1|8")
    #expect(failure("0777") == "leading zeros in decimal integer literals are not permitted; use an 0o prefix for octal integers|1|1|1|2")
    #expect(failure("f'{a b}'") == "f-string: invalid syntax. Perhaps you forgot a comma?|1|2|1|5")
    #expect(failure("'abc") == "unterminated string literal (detected at line 1)|1|1|1|1")
    #expect(failure("def f(a=1, b): pass") == "non-default argument follows default argument|1|12|1|13")
    #expect(failure("x = €") == "invalid character '€' (U+20AC)|1|5|1|5")
  }

  @Test func kinds() {
    guard case .failure(let indentation, _) = parse("  x"), case .failure(let tab, _) = parse("if x:\n\ty\n        z") else {
      Issue.record("valid")
      return
    }
    #expect(indentation.kind == .indentationError)
    #expect(tab.kind == .tabError)
  }

  @Test func nestingIsBounded() {
    #expect(failure(String(repeating: "(", count: 201)).hasPrefix("too many nested parentheses"))
    guard case .failure(let deep, _) = parse(String(repeating: "-", count: 100_000) + "1") else {
      Issue.record("valid")
      return
    }
    #expect(deep.kind == .memoryError)
    #expect(failure(String(repeating: "not ", count: 2000) + "x") == "valid")
  }

  @Test func incompleteInput() {
    guard case .failure(let failure, _) = parse("if x:", .single, [.allowIncompleteInput]) else {
      Issue.record("valid")
      return
    }
    #expect(failure.isIncomplete)
  }

  @Test func warnings() {
    guard case .success(_, let warnings) = parse("x = '\\d'\ny = 1if x else 2\n") else {
      Issue.record("invalid")
      return
    }
    #expect(warnings.map(\.message).sorted() == ["invalid decimal literal", "invalid escape sequence '\\d'"])
  }
}

@Suite struct UnparseTests {
  private func round(_ source: String) -> String? {
    guard case .success(let tree, _) = parse(source, .eval), case .Expression(let body) = tree.root else { return nil }
    return unparse(body, names: tree.names).map { String(decoding: $0, as: UTF8.self) }
  }

  @Test func annotationText() {
    #expect(round("(a+b)*c**-d") == "(a + b) * c ** (-d)")
    #expect(round("Dict[str,(int,...)]") == "Dict[str, (int, ...)]")
    #expect(round("lambda *a,b=1:(yield)") == "lambda*a, b=1: (yield)")
    #expect(round("f'{x!r:>{w}}'") == "f'{x!r:>{w}}'")
    #expect(round("1e400") == "1e309")
  }
}
