/// Text of a tree in the form of `ast.dump`.
public func dumpAST(_ tree: SyntaxTree, includeAttributes: Bool = false) -> [UInt8] {
  var dumper = ASTDumper(names: tree.names, attributes: includeAttributes)
  dumper.module(tree.root)
  return dumper.out
}

/// Recursion follows the tree, so the text of a very deep tree (long chains of operators) is cut with `...`.
private struct ASTDumper {
  let names: NameTable
  let attributes: Bool
  var out: [UInt8] = []
  var first = true
  var depth = 0
  static let maxDepth = 700

  init(names: NameTable, attributes: Bool) {
    self.names = names
    self.attributes = attributes
    out.reserveCapacity(1 << 16)
  }

  mutating func put(_ text: StaticString) {
    out.append(contentsOf: UnsafeBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount))
  }

  mutating func put(_ value: Int32) { out.append(contentsOf: String(value).utf8) }

  mutating func open(_ name: StaticString) {
    put(name)
    put("(")
    first = true
  }

  mutating func field(_ name: StaticString) {
    if !first { put(", ") }
    first = false
    put(name)
    put("=")
  }

  mutating func close() {
    put(")")
    first = false
  }

  mutating func close(_ span: Span) {
    if attributes {
      field("lineno")
      put(span.lineno)
      field("col_offset")
      put(span.col_offset)
      field("end_lineno")
      put(span.end_lineno)
      field("end_col_offset")
      put(span.end_col_offset)
    }
    close()
  }

  mutating func list<T>(_ elements: ArenaList<T>, _ each: (inout ASTDumper, T) -> Void) {
    put("[")
    for (index, element) in elements.enumerated() {
      if index > 0 { put(", ") }
      each(&self, element)
    }
    put("]")
    first = false
  }

  mutating func name(_ name: Name) { ConstantRepr.writeString(names[name], to: &out) }

  mutating func nameField(_ field: StaticString, _ value: Name) {
    self.field(field)
    name(value)
  }

  mutating func optionalName(_ field: StaticString, _ value: Name?) {
    if let value { nameField(field, value) }
  }

  mutating func textField(_ field: StaticString, _ value: ArenaBytes?) {
    guard let value else { return }
    self.field(field)
    ConstantRepr.writeString(value, to: &out)
  }

  mutating func exprField(_ field: StaticString, _ value: Ref<Expr>) {
    self.field(field)
    expr(value)
  }

  mutating func optionalExpr(_ field: StaticString, _ value: Ref<Expr>?) {
    if let value { exprField(field, value) }
  }

  mutating func exprList(_ field: StaticString, _ values: ArenaList<Ref<Expr>>) {
    self.field(field)
    list(values) { $0.expr($1) }
  }

  mutating func body(_ field: StaticString, _ values: ArenaList<Ref<Stmt>>) {
    self.field(field)
    list(values) { $0.stmt($1) }
  }

  mutating func patternList(_ field: StaticString, _ values: ArenaList<Ref<Pattern>>) {
    self.field(field)
    list(values) { $0.pattern($1) }
  }

  mutating func module(_ module: Module) {
    switch module {
    case .Module(let statements, let ignores):
      open("Module")
      body("body", statements)
      field("type_ignores")
      list(ignores) {
        $0.open("TypeIgnore")
        $0.field("lineno")
        $0.put($1.lineno)
        $0.textField("tag", $1.tag)
        $0.close()
      }
    case .Interactive(let statements):
      open("Interactive")
      body("body", statements)
    case .Expression(let value):
      open("Expression")
      exprField("body", value)
    case .FunctionType(let argtypes, let returns):
      open("FunctionType")
      exprList("argtypes", argtypes)
      exprField("returns", returns)
    }
    close()
  }

  mutating func stmt(_ statement: Ref<Stmt>) {
    depth += 1
    defer { depth -= 1 }
    if depth > ASTDumper.maxDepth { return put("...") }
    switch statement.node {
    case .FunctionDef(let definition): function("FunctionDef", definition.pointee)
    case .AsyncFunctionDef(let definition): function("AsyncFunctionDef", definition.pointee)
    case .ClassDef(let definition):
      open("ClassDef")
      nameField("name", definition.pointee.name)
      exprList("bases", definition.pointee.bases)
      keywords(definition.pointee.keywords)
      body("body", definition.pointee.body)
      exprList("decorator_list", definition.pointee.decorator_list)
    case .Return(let value):
      open("Return")
      optionalExpr("value", value)
    case .Delete(let targets):
      open("Delete")
      exprList("targets", targets)
    case .Assign(let targets, let value, let comment):
      open("Assign")
      exprList("targets", targets)
      exprField("value", value)
      textField("type_comment", comment)
    case .AugAssign(let target, let op, let value):
      open("AugAssign")
      exprField("target", target)
      field("op")
      put(operatorName(op))
      exprField("value", value)
    case .AnnAssign(let target, let annotation, let value, let simple):
      open("AnnAssign")
      exprField("target", target)
      exprField("annotation", annotation)
      optionalExpr("value", value)
      field("simple")
      put(simple ? 1 : 0)
    case .For(let loop): forLoop("For", loop.pointee)
    case .AsyncFor(let loop): forLoop("AsyncFor", loop.pointee)
    case .While(let test, let statements, let orelse):
      open("While")
      exprField("test", test)
      body("body", statements)
      body("orelse", orelse)
    case .If(let test, let statements, let orelse):
      open("If")
      exprField("test", test)
      body("body", statements)
      body("orelse", orelse)
    case .With(let items, let statements, let comment): with("With", items, statements, comment)
    case .AsyncWith(let items, let statements, let comment): with("AsyncWith", items, statements, comment)
    case .Match(let subject, let cases):
      open("Match")
      exprField("subject", subject)
      field("cases")
      list(cases) {
        $0.open("match_case")
        $0.field("pattern")
        $0.pattern($1.pattern)
        $0.optionalExpr("guard", $1.guardExpr)
        $0.body("body", $1.body)
        $0.close()
      }
    case .Raise(let exc, let cause):
      open("Raise")
      optionalExpr("exc", exc)
      optionalExpr("cause", cause)
    case .Try(let block): tryBlock("Try", block.pointee)
    case .TryStar(let block): tryBlock("TryStar", block.pointee)
    case .Assert(let test, let msg):
      open("Assert")
      exprField("test", test)
      optionalExpr("msg", msg)
    case .Import(let aliases):
      open("Import")
      aliasList(aliases)
    case .ImportFrom(let module, let aliases, let level):
      open("ImportFrom")
      optionalName("module", module)
      aliasList(aliases)
      field("level")
      put(level)
    case .Global(let list):
      open("Global")
      field("names")
      self.list(list) { $0.name($1) }
    case .Nonlocal(let list):
      open("Nonlocal")
      field("names")
      self.list(list) { $0.name($1) }
    case .Expr(let value):
      open("Expr")
      exprField("value", value)
    case .Pass: open("Pass")
    case .Break: open("Break")
    case .Continue: open("Continue")
    }
    close(statement.span)
  }

  mutating func function(_ kind: StaticString, _ definition: FunctionDefinition) {
    open(kind)
    nameField("name", definition.name)
    field("args")
    arguments(definition.args.pointee)
    body("body", definition.body)
    exprList("decorator_list", definition.decorator_list)
    optionalExpr("returns", definition.returns)
    textField("type_comment", definition.type_comment)
  }

  mutating func forLoop(_ kind: StaticString, _ loop: ForLoop) {
    open(kind)
    exprField("target", loop.target)
    exprField("iter", loop.iter)
    body("body", loop.body)
    body("orelse", loop.orelse)
    textField("type_comment", loop.type_comment)
  }

  mutating func with(
    _ kind: StaticString, _ items: ArenaList<WithItem>, _ statements: ArenaList<Ref<Stmt>>, _ comment: ArenaBytes?
  ) {
    open(kind)
    field("items")
    list(items) {
      $0.open("withitem")
      $0.exprField("context_expr", $1.context_expr)
      $0.optionalExpr("optional_vars", $1.optional_vars)
      $0.close()
    }
    body("body", statements)
    textField("type_comment", comment)
  }

  mutating func tryBlock(_ kind: StaticString, _ block: TryBlock) {
    open(kind)
    body("body", block.body)
    field("handlers")
    list(block.handlers) {
      $0.open("ExceptHandler")
      $0.optionalExpr("type", $1.type)
      $0.optionalName("name", $1.name)
      $0.body("body", $1.body)
      $0.close($1.span)
    }
    body("orelse", block.orelse)
    body("finalbody", block.finalbody)
  }

  mutating func aliasList(_ aliases: ArenaList<Alias>) {
    field("names")
    list(aliases) {
      $0.open("alias")
      $0.nameField("name", $1.name)
      $0.optionalName("asname", $1.asname)
      $0.close($1.span)
    }
  }

  mutating func keywords(_ keywords: ArenaList<Keyword>) {
    field("keywords")
    list(keywords) {
      $0.open("keyword")
      $0.optionalName("arg", $1.arg)
      $0.exprField("value", $1.value)
      $0.close($1.span)
    }
  }

  mutating func arg(_ arg: Arg) {
    open("arg")
    nameField("arg", arg.arg)
    optionalExpr("annotation", arg.annotation)
    textField("type_comment", arg.type_comment)
    close(arg.span)
  }

  mutating func arguments(_ arguments: Arguments) {
    open("arguments")
    field("posonlyargs")
    list(arguments.posonlyargs) { $0.arg($1) }
    field("args")
    list(arguments.args) { $0.arg($1) }
    if let vararg = arguments.vararg {
      field("vararg")
      arg(vararg.pointee)
    }
    field("kwonlyargs")
    list(arguments.kwonlyargs) { $0.arg($1) }
    field("kw_defaults")
    list(arguments.kw_defaults) { $0.nullableExpr($1) }
    if let kwarg = arguments.kwarg {
      field("kwarg")
      arg(kwarg.pointee)
    }
    exprList("defaults", arguments.defaults)
    close()
  }

  mutating func nullableExpr(_ value: Ref<Expr>?) {
    if let value { expr(value) } else { put("None") }
  }

  mutating func comprehensions(_ generators: ArenaList<Comprehension>) {
    field("generators")
    list(generators) {
      $0.open("comprehension")
      $0.exprField("target", $1.target)
      $0.exprField("iter", $1.iter)
      $0.exprList("ifs", $1.ifs)
      $0.field("is_async")
      $0.put($1.is_async ? 1 : 0)
      $0.close()
    }
  }

  mutating func context(_ ctx: ExprContext) {
    field("ctx")
    switch ctx {
    case .Load: put("Load()")
    case .Store: put("Store()")
    case .Del: put("Del()")
    }
  }

  mutating func expr(_ value: Ref<Expr>) {
    depth += 1
    defer { depth -= 1 }
    if depth > ASTDumper.maxDepth { return put("...") }
    switch value.node {
    case .BoolOp(let op, let values):
      open("BoolOp")
      field("op")
      put(op == .And ? "And()" : "Or()")
      exprList("values", values)
    case .NamedExpr(let target, let value):
      open("NamedExpr")
      exprField("target", target)
      exprField("value", value)
    case .BinOp(let left, let op, let right):
      open("BinOp")
      exprField("left", left)
      field("op")
      put(operatorName(op))
      exprField("right", right)
    case .UnaryOp(let op, let operand):
      open("UnaryOp")
      field("op")
      switch op {
      case .Invert: put("Invert()")
      case .Not: put("Not()")
      case .UAdd: put("UAdd()")
      case .USub: put("USub()")
      }
      exprField("operand", operand)
    case .Lambda(let args, let body):
      open("Lambda")
      field("args")
      arguments(args.pointee)
      exprField("body", body)
    case .IfExp(let test, let body, let orelse):
      open("IfExp")
      exprField("test", test)
      exprField("body", body)
      exprField("orelse", orelse)
    case .Dict(let keys, let values):
      open("Dict")
      field("keys")
      list(keys) { $0.nullableExpr($1) }
      exprList("values", values)
    case .Set(let elts):
      open("Set")
      exprList("elts", elts)
    case .ListComp(let elt, let generators): comprehension("ListComp", elt, generators)
    case .SetComp(let elt, let generators): comprehension("SetComp", elt, generators)
    case .GeneratorExp(let elt, let generators): comprehension("GeneratorExp", elt, generators)
    case .DictComp(let key, let value, let generators):
      open("DictComp")
      exprField("key", key)
      exprField("value", value)
      comprehensions(generators)
    case .Await(let value):
      open("Await")
      exprField("value", value)
    case .Yield(let value):
      open("Yield")
      optionalExpr("value", value)
    case .YieldFrom(let value):
      open("YieldFrom")
      exprField("value", value)
    case .Compare(let left, let ops, let comparators):
      open("Compare")
      exprField("left", left)
      field("ops")
      list(ops) { $0.compareOperator($1) }
      exprList("comparators", comparators)
    case .Call(let function, let args, let named):
      open("Call")
      exprField("func", function)
      exprList("args", args)
      keywords(named)
    case .FormattedValue(let value, let conversion, let spec):
      open("FormattedValue")
      exprField("value", value)
      field("conversion")
      put(conversion)
      optionalExpr("format_spec", spec)
    case .JoinedStr(let values):
      open("JoinedStr")
      exprList("values", values)
    case .Constant(let constant, let kind):
      open("Constant")
      field("value")
      ConstantRepr.write(constant, to: &out)
      if kind {
        field("kind")
        put("'u'")
      }
    case .Attribute(let value, let attr, let ctx):
      open("Attribute")
      exprField("value", value)
      nameField("attr", attr)
      context(ctx)
    case .Subscript(let value, let slice, let ctx):
      open("Subscript")
      exprField("value", value)
      exprField("slice", slice)
      context(ctx)
    case .Starred(let value, let ctx):
      open("Starred")
      exprField("value", value)
      context(ctx)
    case .Name(let id, let ctx):
      open("Name")
      nameField("id", id)
      context(ctx)
    case .List(let elts, let ctx):
      open("List")
      exprList("elts", elts)
      context(ctx)
    case .Tuple(let elts, let ctx):
      open("Tuple")
      exprList("elts", elts)
      context(ctx)
    case .Slice(let lower, let upper, let step):
      open("Slice")
      optionalExpr("lower", lower)
      optionalExpr("upper", upper)
      optionalExpr("step", step)
    }
    close(value.span)
  }

  mutating func comprehension(_ kind: StaticString, _ elt: Ref<Expr>, _ generators: ArenaList<Comprehension>) {
    open(kind)
    exprField("elt", elt)
    comprehensions(generators)
  }

  func operatorName(_ op: Operator) -> StaticString {
    switch op {
    case .Add: return "Add()"
    case .Sub: return "Sub()"
    case .Mult: return "Mult()"
    case .MatMult: return "MatMult()"
    case .Div: return "Div()"
    case .Mod: return "Mod()"
    case .Pow: return "Pow()"
    case .LShift: return "LShift()"
    case .RShift: return "RShift()"
    case .BitOr: return "BitOr()"
    case .BitXor: return "BitXor()"
    case .BitAnd: return "BitAnd()"
    case .FloorDiv: return "FloorDiv()"
    }
  }

  mutating func compareOperator(_ op: CompareOperator) {
    switch op {
    case .Eq: put("Eq()")
    case .NotEq: put("NotEq()")
    case .Lt: put("Lt()")
    case .LtE: put("LtE()")
    case .Gt: put("Gt()")
    case .GtE: put("GtE()")
    case .Is: put("Is()")
    case .IsNot: put("IsNot()")
    case .In: put("In()")
    case .NotIn: put("NotIn()")
    }
  }

  mutating func pattern(_ pattern: Ref<Pattern>) {
    depth += 1
    defer { depth -= 1 }
    if depth > ASTDumper.maxDepth { return put("...") }
    switch pattern.node {
    case .MatchValue(let value):
      open("MatchValue")
      exprField("value", value)
    case .MatchSingleton(let value):
      open("MatchSingleton")
      field("value")
      ConstantRepr.write(value, to: &out)
    case .MatchSequence(let patterns):
      open("MatchSequence")
      patternList("patterns", patterns)
    case .MatchMapping(let keys, let patterns, let rest):
      open("MatchMapping")
      exprList("keys", keys)
      patternList("patterns", patterns)
      optionalName("rest", rest)
    case .MatchClass(let cls, let patterns, let names, let keywordPatterns):
      open("MatchClass")
      exprField("cls", cls)
      patternList("patterns", patterns)
      field("kwd_attrs")
      list(names) { $0.name($1) }
      patternList("kwd_patterns", keywordPatterns)
    case .MatchStar(let name):
      open("MatchStar")
      optionalName("name", name)
    case .MatchAs(let inner, let name):
      open("MatchAs")
      if let inner {
        field("pattern")
        self.pattern(inner)
      }
      optionalName("name", name)
    case .MatchOr(let patterns):
      open("MatchOr")
      patternList("patterns", patterns)
    }
    close(pattern.span)
  }
}
