/// Source text of an expression, exactly as CPython writes it into `__annotations__` under `from __future__ import annotations`.
///
/// - Returns: UTF-8 (surrogates as in string constants), or nil where the expression nests too deeply.
public func unparse(_ expression: Ref<Expr>, names: NameTable) -> [UInt8]? {
  var unparser = Unparser(names: names)
  unparser.expr(expression, .test)
  return unparser.isTooDeep ? nil : unparser.out
}

/// Binding strength, weakest first. An operand weaker than its place needs parentheses.
private struct Precedence {
  static let tuple = Precedence(0)
  static let test = Precedence(1)
  static let or = Precedence(2)
  static let and = Precedence(3)
  static let not = Precedence(4)
  static let comparison = Precedence(5)
  static let expression = Precedence(6)
  static let xor = Precedence(7)
  static let bitAnd = Precedence(8)
  static let shift = Precedence(9)
  static let arithmetic = Precedence(10)
  static let term = Precedence(11)
  static let factor = Precedence(12)
  static let power = Precedence(13)
  static let await = Precedence(14)
  static let atom = Precedence(15)

  let level: Int
  init(_ level: Int) { self.level = level }
  var next: Precedence { Precedence(level + 1) }
}

private struct Unparser {
  let names: NameTable
  var out: [UInt8] = []
  var depth = 0
  var isTooDeep = false
  static let maxDepth = 1000

  init(names: NameTable) { self.names = names }

  mutating func put(_ text: StaticString) {
    out.append(contentsOf: UnsafeBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount))
  }

  mutating func put(_ name: Name) { out.append(contentsOf: names[name].buffer) }

  /// Writes what `body` writes, in parentheses if the place binds tighter than the operator.
  mutating func parenthesized(_ place: Precedence, _ own: Precedence, _ body: (inout Unparser) -> Void) {
    let needed = place.level > own.level
    if needed { put("(") }
    body(&self)
    if needed { put(")") }
  }

  mutating func list(_ elements: ArenaList<Ref<Expr>>) {
    for (index, element) in elements.enumerated() {
      if index > 0 { put(", ") }
      expr(element, .test)
    }
  }

  mutating func expr(_ value: Ref<Expr>, _ place: Precedence) {
    depth += 1
    defer { depth -= 1 }
    if depth > Unparser.maxDepth {
      isTooDeep = true
      return
    }
    switch value.node {
    case .BoolOp(let op, let values):
      let own: Precedence = op == .And ? .and : .or
      parenthesized(place, own) {
        for (index, operand) in values.enumerated() {
          if index > 0 { $0.put(op == .And ? " and " : " or ") }
          $0.expr(operand, own.next)
        }
      }
    case .NamedExpr(let target, let assigned):
      parenthesized(place, .tuple) {
        $0.expr(target, .atom)
        $0.put(" := ")
        $0.expr(assigned, .atom)
      }
    case .BinOp(let left, let op, let right): binary(left, op, right, place)
    case .UnaryOp(let op, let operand):
      let own: Precedence = op == .Not ? .not : .factor
      parenthesized(place, own) {
        switch op {
        case .Invert: $0.put("~")
        case .Not: $0.put("not ")
        case .UAdd: $0.put("+")
        case .USub: $0.put("-")
        }
        $0.expr(operand, own)
      }
    case .Lambda(let args, let body):
      parenthesized(place, .test) {
        let hasPositional = !args.pointee.args.isEmpty || !args.pointee.posonlyargs.isEmpty
        $0.put(hasPositional ? "lambda " : "lambda")
        $0.arguments(args.pointee)
        $0.put(": ")
        $0.expr(body, .test)
      }
    case .IfExp(let test, let body, let orelse):
      parenthesized(place, .test) {
        $0.expr(body, Precedence.test.next)
        $0.put(" if ")
        $0.expr(test, Precedence.test.next)
        $0.put(" else ")
        $0.expr(orelse, .test)
      }
    case .Dict(let keys, let values): dict(keys, values)
    case .Set(let elts):
      put("{")
      list(elts)
      put("}")
    case .ListComp(let elt, let generators):
      put("[")
      comprehension(elt, generators)
      put("]")
    case .SetComp(let elt, let generators):
      put("{")
      comprehension(elt, generators)
      put("}")
    case .GeneratorExp(let elt, let generators):
      put("(")
      comprehension(elt, generators)
      put(")")
    case .DictComp(let key, let mapped, let generators):
      put("{")
      expr(key, .test)
      put(": ")
      comprehension(mapped, generators)
      put("}")
    case .Await(let awaited):
      parenthesized(place, .await) {
        $0.put("await ")
        $0.expr(awaited, .atom)
      }
    case .Yield(let yielded):
      guard let yielded else {
        put("(yield)")
        return
      }
      put("(yield ")
      expr(yielded, .test)
      put(")")
    case .YieldFrom(let source):
      put("(yield from ")
      expr(source, .test)
      put(")")
    case .Compare(let left, let ops, let comparators):
      parenthesized(place, .comparison) {
        $0.expr(left, Precedence.comparison.next)
        for (index, op) in ops.enumerated() where index < comparators.count {
          $0.put(Unparser.text(op))
          $0.expr(comparators[index], Precedence.comparison.next)
        }
      }
    case .Call(let function, let args, let keywords): call(function, args, keywords)
    case .FormattedValue, .JoinedStr:
      var body = Unparser(names: names)
      body.depth = depth
      body.formatted(value)
      if body.isTooDeep { isTooDeep = true }
      put("f")
      body.out.withUnsafeMutableBufferPointer { buffer in
        guard let base = buffer.baseAddress else { return ConstantRepr.writeString(ArenaBytes(), to: &out) }
        ConstantRepr.writeString(ArenaBytes(base: base, count: buffer.count), to: &out)
      }
    case .Constant(let constant, let kind):
      if kind { put("u") }
      self.constant(constant)
    case .Attribute(let object, let attr, _):
      expr(object, .atom)
      var isInteger = false
      if case .Constant(let constant, _) = object.node {
        switch constant {
        case .int, .bigInt: isInteger = true
        default: break
        }
      }
      // A dot right after the digits would belong to the number.
      put(isInteger ? " ." : ".")
      put(attr)
    case .Subscript(let object, let slice, _):
      expr(object, .atom)
      put("[")
      expr(slice, .tuple)
      put("]")
    case .Starred(let starred, _):
      put("*")
      expr(starred, .expression)
    case .Name(let id, _): put(id)
    case .List(let elts, _):
      put("[")
      list(elts)
      put("]")
    case .Tuple(let elts, _):
      if elts.isEmpty {
        put("()")
        return
      }
      parenthesized(place, .tuple) {
        $0.list(elts)
        if elts.count == 1 { $0.put(",") }
      }
    case .Slice(let lower, let upper, let step):
      if let lower { expr(lower, .test) }
      put(":")
      if let upper { expr(upper, .test) }
      if let step {
        put(":")
        expr(step, .test)
      }
    }
  }

  private mutating func binary(_ left: Ref<Expr>, _ op: Operator, _ right: Ref<Expr>, _ place: Precedence) {
    let own: Precedence
    let text: StaticString
    switch op {
    case .Add: (own, text) = (.arithmetic, " + ")
    case .Sub: (own, text) = (.arithmetic, " - ")
    case .Mult: (own, text) = (.term, " * ")
    case .MatMult: (own, text) = (.term, " @ ")
    case .Div: (own, text) = (.term, " / ")
    case .Mod: (own, text) = (.term, " % ")
    case .FloorDiv: (own, text) = (.term, " // ")
    case .LShift: (own, text) = (.shift, " << ")
    case .RShift: (own, text) = (.shift, " >> ")
    case .BitOr: (own, text) = (.expression, " | ")
    case .BitXor: (own, text) = (.xor, " ^ ")
    case .BitAnd: (own, text) = (.bitAnd, " & ")
    case .Pow: (own, text) = (.power, " ** ")
    }
    parenthesized(place, own) {
      $0.expr(left, op == .Pow ? own.next : own)
      $0.put(text)
      $0.expr(right, op == .Pow ? own : own.next)
    }
  }

  private static func text(_ op: CompareOperator) -> StaticString {
    switch op {
    case .Eq: return " == "
    case .NotEq: return " != "
    case .Lt: return " < "
    case .LtE: return " <= "
    case .Gt: return " > "
    case .GtE: return " >= "
    case .Is: return " is "
    case .IsNot: return " is not "
    case .In: return " in "
    case .NotIn: return " not in "
    }
  }

  private mutating func dict(_ keys: ArenaList<Ref<Expr>?>, _ values: ArenaList<Ref<Expr>>) {
    put("{")
    for (index, value) in values.enumerated() {
      if index > 0 { put(", ") }
      if index < keys.count, let key = keys[index] {
        expr(key, .test)
        put(": ")
        expr(value, .test)
      } else {
        put("**")
        expr(value, .expression)
      }
    }
    put("}")
  }

  private mutating func comprehension(_ element: Ref<Expr>, _ generators: ArenaList<Comprehension>) {
    expr(element, .test)
    for generator in generators {
      put(generator.is_async ? " async for " : " for ")
      expr(generator.target, .tuple)
      put(" in ")
      expr(generator.iter, Precedence.test.next)
      for condition in generator.ifs {
        put(" if ")
        expr(condition, Precedence.test.next)
      }
    }
  }

  private mutating func call(_ function: Ref<Expr>, _ args: ArenaList<Ref<Expr>>, _ keywords: ArenaList<Keyword>) {
    expr(function, .atom)
    if args.count == 1 && keywords.isEmpty, case .GeneratorExp = args[0].node {
      // Its own parentheses serve as the call's.
      expr(args[0], .test)
      return
    }
    put("(")
    list(args)
    for (index, keyword) in keywords.enumerated() {
      if index > 0 || !args.isEmpty { put(", ") }
      if let name = keyword.arg {
        put(name)
        put("=")
      } else {
        put("**")
      }
      expr(keyword.value, .test)
    }
    put(")")
  }

  private mutating func arg(_ arg: Arg) {
    put(arg.arg)
    if let annotation = arg.annotation {
      put(": ")
      expr(annotation, .test)
    }
  }

  private mutating func arguments(_ arguments: Arguments) {
    var isFirst = true
    func separator(_ unparser: inout Unparser) {
      if !isFirst { unparser.put(", ") }
      isFirst = false
    }
    let positional = arguments.posonlyargs.count + arguments.args.count
    for index in 0..<positional {
      separator(&self)
      let isPositionalOnly = index < arguments.posonlyargs.count
      arg(isPositionalOnly ? arguments.posonlyargs[index] : arguments.args[index - arguments.posonlyargs.count])
      let defaultIndex = index - positional + arguments.defaults.count
      if defaultIndex >= 0 {
        put("=")
        expr(arguments.defaults[defaultIndex], .test)
      }
      if isPositionalOnly && index + 1 == arguments.posonlyargs.count { put(", /") }
    }
    if arguments.vararg != nil || !arguments.kwonlyargs.isEmpty {
      separator(&self)
      put("*")
      if let vararg = arguments.vararg { arg(vararg.pointee) }
    }
    for (index, parameter) in arguments.kwonlyargs.enumerated() {
      separator(&self)
      arg(parameter)
      if index < arguments.kw_defaults.count, let value = arguments.kw_defaults[index] {
        put("=")
        expr(value, .test)
      }
    }
    if let kwarg = arguments.kwarg {
      separator(&self)
      put("**")
      arg(kwarg.pointee)
    }
  }

  private mutating func constant(_ constant: Constant) {
    switch constant {
    case .ellipsis: put("...")
    case .tuple(let elements):
      put("(")
      for (index, element) in elements.enumerated() {
        if index > 0 { put(", ") }
        self.constant(element)
      }
      if elements.count == 1 { put(",") }
      put(")")
    case .float, .complex:
      // Infinity is written as a literal that overflows.
      var text: [UInt8] = []
      ConstantRepr.write(constant, to: &text)
      var index = 0
      while index < text.count {
        if index + 3 <= text.count && text[index] == 0x69 && text[index + 1] == 0x6E && text[index + 2] == 0x66 {
          put("1e309")
          index += 3
        } else {
          out.append(text[index])
          index += 1
        }
      }
    default: ConstantRepr.write(constant, to: &out)
    }
  }

  // MARK: f-strings

  /// The inside of an f-string: what stands between its quotes, before quoting.
  private mutating func formatted(_ value: Ref<Expr>) {
    depth += 1
    defer { depth -= 1 }
    if depth > Unparser.maxDepth {
      isTooDeep = true
      return
    }
    switch value.node {
    case .JoinedStr(let values):
      for part in values { formatted(part) }
    case .Constant(.str(let text), _):
      for byte in text.buffer {
        out.append(byte)
        if byte == 0x7B || byte == 0x7D { out.append(byte) }
      }
    case .FormattedValue(let inner, let conversion, let spec):
      let start = out.count
      put("{")
      expr(inner, Precedence.test.next)
      if out.count > start + 1 && out[start + 1] == 0x7B { out.insert(0x20, at: start + 1) }
      if conversion > 0 {
        put("!")
        out.append(UInt8(truncatingIfNeeded: conversion))
      }
      if let spec {
        put(":")
        formatted(spec)
      }
      put("}")
    default: expr(value, .test)
    }
  }
}
