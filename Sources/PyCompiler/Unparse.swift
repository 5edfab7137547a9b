import PyBytecode
import PySyntax

extension Compiler {
  /// Loads an annotation as the text of its expression (PEP 563).
  func load(unparsed e: Ref<Expr>) {
    var unparser = Unparser(names: names)
    unparser.expression(e, .test)
    load(.str(arena.bytes(unparser.out)))
  }
}

/// Writes an expression back as source, with the parentheses, spaces and quotes of CPython 3.11 (`ast_unparse.c`).
struct Unparser {
  /// How tightly an operator binds; an operand that binds less gets parentheses.
  enum Level: Int, Comparable {
    case tuple, test, or, and, not, compare, bitOr, bitXor, bitAnd, shift, arithmetic, term, factor, power, await, atom

    static func < (a: Level, b: Level) -> Bool { a.rawValue < b.rawValue }
    var tighter: Level { Level(rawValue: rawValue + 1) ?? .atom }
  }

  let names: NameTable
  var out: [UInt8] = []

  init(names: NameTable) { self.names = names }

  private mutating func write(_ text: StaticString) {
    out.append(contentsOf: UnsafeBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount))
  }

  private mutating func write(_ name: Name) { out.append(contentsOf: names[name].buffer) }

  private mutating func parenthesized(_ needed: Bool, _ body: (inout Unparser) -> Void) {
    if needed { write("(") }
    body(&self)
    if needed { write(")") }
  }

  private mutating func list(_ elts: ArenaList<Ref<Expr>>) {
    for index in 0..<elts.count {
      if index > 0 { write(", ") }
      expression(elts[index], .test)
    }
  }

  mutating func expression(_ e: Ref<Expr>, _ level: Level) {
    switch e.pointee.node {
    case .BoolOp(let op, let values):
      let own: Level = op == .And ? .and : .or
      parenthesized(level > own) {
        for index in 0..<values.count {
          if index > 0 { $0.write(op == .And ? " and " : " or ") }
          $0.expression(values[index], own.tighter)
        }
      }
    case .BinOp(let left, let op, let right): binary(left, op, right, level)
    case .UnaryOp(let op, let operand):
      let own: Level = op == .Not ? .not : .factor
      parenthesized(level > own) {
        switch op {
        case .Invert: $0.write("~")
        case .Not: $0.write("not ")
        case .UAdd: $0.write("+")
        case .USub: $0.write("-")
        }
        $0.expression(operand, own)
      }
    case .Lambda(let args, let body):
      parenthesized(level > .test) {
        let a = args.pointee
        let hasArguments = a.posonlyargs.count + a.args.count + a.kwonlyargs.count > 0 || a.vararg != nil || a.kwarg != nil
        $0.write(hasArguments ? "lambda " : "lambda")
        $0.arguments(args)
        $0.write(": ")
        $0.expression(body, .test)
      }
    case .IfExp(let test, let body, let orelse):
      parenthesized(level > .test) {
        $0.expression(body, .or)
        $0.write(" if ")
        $0.expression(test, .or)
        $0.write(" else ")
        $0.expression(orelse, .test)
      }
    case .Dict(let keys, let values):
      write("{")
      for index in 0..<values.count {
        if index > 0 { write(", ") }
        if let key = keys[index] {
          expression(key, .test)
          write(": ")
          expression(values[index], .test)
        } else {
          write("**")
          expression(values[index], .bitOr)
        }
      }
      write("}")
    case .Set(let elts):
      write("{")
      list(elts)
      write("}")
    case .GeneratorExp(let elt, let generators): comprehension("(", ")", elt, nil, generators)
    case .ListComp(let elt, let generators): comprehension("[", "]", elt, nil, generators)
    case .SetComp(let elt, let generators): comprehension("{", "}", elt, nil, generators)
    case .DictComp(let key, let value, let generators): comprehension("{", "}", key, value, generators)
    case .Yield(let value):
      write("(yield")
      if let value {
        write(" ")
        expression(value, .test)
      }
      write(")")
    case .YieldFrom(let value):
      write("(yield from ")
      expression(value, .test)
      write(")")
    case .Await(let value):
      parenthesized(level > .await) {
        $0.write("await ")
        $0.expression(value, .atom)
      }
    case .Compare(let left, let ops, let comparators): comparison(left, ops, comparators, level)
    case .Call(let function, let arguments, let keywords): call(function, arguments, keywords)
    case .FormattedValue(let value, let conversion, let spec): formattedValue(value, conversion, spec)
    case .JoinedStr(let values): joinedString(values, isFormatSpec: false)
    case .Constant(let value, let kind):
      if kind { write("u") }
      constant(value)
    case .Attribute(let object, let attribute, _):
      expression(object, .atom)
      if case .Constant(let value, _) = object.pointee.node {
        switch value {
        case .int, .bigInt, .true, .false: write(" ")
        default: break
        }
      }
      write(".")
      write(attribute)
    case .Subscript(let object, let index, _):
      expression(object, .atom)
      write("[")
      expression(index, .tuple)
      write("]")
    case .Starred(let value, _):
      write("*")
      expression(value, .bitOr)
    case .Name(let id, _): write(id)
    case .List(let elts, _):
      write("[")
      list(elts)
      write("]")
    case .Tuple(let elts, _):
      if elts.count == 0 { return write("()") }
      parenthesized(level > .tuple) {
        $0.list(elts)
        if elts.count == 1 { $0.write(",") }
      }
    case .Slice(let lower, let upper, let step):
      if let lower { expression(lower, .test) }
      write(":")
      if let upper { expression(upper, .test) }
      if let step {
        write(":")
        expression(step, .test)
      }
    case .NamedExpr(let target, let value):
      parenthesized(level > .tuple) {
        $0.expression(target, .atom)
        $0.write(" := ")
        $0.expression(value, .atom)
      }
    }
  }

  private mutating func binary(_ left: Ref<Expr>, _ op: Operator, _ right: Ref<Expr>, _ level: Level) {
    let own: Level
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
    case .BitOr: (own, text) = (.bitOr, " | ")
    case .BitXor: (own, text) = (.bitXor, " ^ ")
    case .BitAnd: (own, text) = (.bitAnd, " & ")
    case .Pow: (own, text) = (.power, " ** ")
    }
    let rightAssociative = op == .Pow
    parenthesized(level > own) {
      $0.expression(left, rightAssociative ? own.tighter : own)
      $0.write(text)
      $0.expression(right, rightAssociative ? own : own.tighter)
    }
  }

  private mutating func comparison(
    _ left: Ref<Expr>, _ ops: ArenaList<CompareOperator>, _ comparators: ArenaList<Ref<Expr>>, _ level: Level
  ) {
    parenthesized(level > .compare) {
      $0.expression(left, .bitOr)
      for index in 0..<ops.count {
        switch ops[index] {
        case .Eq: $0.write(" == ")
        case .NotEq: $0.write(" != ")
        case .Lt: $0.write(" < ")
        case .LtE: $0.write(" <= ")
        case .Gt: $0.write(" > ")
        case .GtE: $0.write(" >= ")
        case .Is: $0.write(" is ")
        case .IsNot: $0.write(" is not ")
        case .In: $0.write(" in ")
        case .NotIn: $0.write(" not in ")
        }
        $0.expression(comparators[index], .bitOr)
      }
    }
  }

  private mutating func comprehension(
    _ open: StaticString, _ close: StaticString, _ elt: Ref<Expr>, _ value: Ref<Expr>?, _ generators: ArenaList<Comprehension>
  ) {
    write(open)
    expression(elt, .test)
    if let value {
      write(": ")
      expression(value, .test)
    }
    for index in 0..<generators.count {
      let generator = generators[index]
      write(generator.is_async ? " async for " : " for ")
      expression(generator.target, .tuple)
      write(" in ")
      expression(generator.iter, .or)
      for position in 0..<generator.ifs.count {
        write(" if ")
        expression(generator.ifs[position], .or)
      }
    }
    write(close)
  }

  private mutating func call(_ function: Ref<Expr>, _ arguments: ArenaList<Ref<Expr>>, _ keywords: ArenaList<Keyword>) {
    expression(function, .atom)
    if arguments.count == 1 && keywords.count == 0, case .GeneratorExp = arguments[0].pointee.node {
      return expression(arguments[0], .test)
    }
    write("(")
    list(arguments)
    for index in 0..<keywords.count {
      if index > 0 || arguments.count > 0 { write(", ") }
      if let name = keywords[index].arg {
        write(name)
        write("=")
      } else {
        write("**")
      }
      expression(keywords[index].value, .test)
    }
    write(")")
  }

  private mutating func arguments(_ args: Ref<Arguments>) {
    var first = true
    func separator(_ u: inout Unparser) {
      if !first { u.write(", ") }
      first = false
    }
    let posonly = args.pointee.posonlyargs
    let regular = args.pointee.args
    let defaults = args.pointee.defaults
    let total = posonly.count + regular.count
    for index in 0..<total {
      separator(&self)
      argument(index < posonly.count ? posonly[index] : regular[index - posonly.count])
      let position = index - (total - defaults.count)
      if position >= 0 {
        write("=")
        expression(defaults[position], .test)
      }
      if posonly.count > 0 && index + 1 == posonly.count { write(", /") }
    }
    let keywordOnly = args.pointee.kwonlyargs
    if args.pointee.vararg != nil || keywordOnly.count > 0 {
      separator(&self)
      write("*")
      if let vararg = args.pointee.vararg { argument(vararg.pointee) }
    }
    for index in 0..<keywordOnly.count {
      separator(&self)
      argument(keywordOnly[index])
      if index < args.pointee.kw_defaults.count, let value = args.pointee.kw_defaults[index] {
        write("=")
        expression(value, .test)
      }
    }
    if let kwarg = args.pointee.kwarg {
      separator(&self)
      write("**")
      argument(kwarg.pointee)
    }
  }

  private mutating func argument(_ a: Arg) {
    write(a.arg)
    if let annotation = a.annotation {
      write(": ")
      expression(annotation, .test)
    }
  }

  private mutating func constant(_ value: Constant) {
    switch value {
    case .ellipsis: write("...")
    case .tuple(let items):
      write("(")
      for index in 0..<items.count {
        if index > 0 { write(", ") }
        constant(items[index])
      }
      write(items.count == 1 ? ",)" : ")")
    case .float, .complex:
      // No literal is infinite, but one that is too large is.
      var text: [UInt8] = []
      ConstantRepr.append(stored(value), to: &text)
      let infinity = Array("inf".utf8)
      var index = 0
      while index < text.count {
        if index + 3 <= text.count && Array(text[index..<index + 3]) == infinity {
          write("1e309")
          index += 3
        } else {
          out.append(text[index])
          index += 1
        }
      }
    default: ConstantRepr.append(stored(value), to: &out)
    }
  }

  // MARK: f-strings

  private mutating func joinedString(_ values: ArenaList<Ref<Expr>>, isFormatSpec: Bool) {
    var body = Unparser(names: names)
    for index in 0..<values.count { body.element(values[index], isFormatSpec: isFormatSpec) }
    if isFormatSpec {
      out += body.out
    } else {
      write("f")
      ConstantRepr.append(string: body.out, to: &out)
    }
  }

  private mutating func element(_ e: Ref<Expr>, isFormatSpec: Bool) {
    switch e.pointee.node {
    case .Constant(.str(let text), _):
      for byte in text.buffer {
        if byte == UInt8(ascii: "{") || byte == UInt8(ascii: "}") { out.append(byte) }
        out.append(byte)
      }
    case .JoinedStr(let values): joinedString(values, isFormatSpec: isFormatSpec)
    case .FormattedValue(let value, let conversion, let spec): formattedValue(value, conversion, spec)
    default: break
    }
  }

  private mutating func formattedValue(_ value: Ref<Expr>, _ conversion: Int32, _ spec: Ref<Expr>?) {
    var inner = Unparser(names: names)
    inner.expression(value, .or)
    write(inner.out.first == UInt8(ascii: "{") ? "{ " : "{")
    out += inner.out
    if conversion > 0 {
      write("!")
      out.append(UInt8(truncatingIfNeeded: conversion))
    }
    if let spec {
      write(":")
      element(spec, isFormatSpec: true)
    }
    write("}")
  }
}

/// A constant as a code object keeps it.
func stored(_ constant: Constant) -> StoredConstant {
  switch constant {
  case .none: return .none
  case .true: return .true
  case .false: return .false
  case .ellipsis: return .ellipsis
  case .int(let value): return .int(value)
  case .bigInt(let negative, let limbs): return .bigInt(negative: negative, magnitude: Array(limbs))
  case .float(let value): return .float(value)
  case .complex(let real, let imaginary): return .complex(real: real, imaginary: imaginary)
  case .str(let text): return .string(Array(text.buffer))
  case .bytes(let data): return .bytes(Array(data.buffer))
  case .tuple(let items): return .tuple(items.map(stored))
  case .frozenset(let items): return .frozenset(items.map(stored))
  }
}
