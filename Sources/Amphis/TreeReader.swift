import PyRuntime
import PySyntax

/// Builds the compiler's tree from a stream of nodes that Python code made. The stream's writer has checked the kinds of nodes and
/// fields; `SyntheticTree.validate` checks the rest.
struct TreeReader {
  /// Something finished that waits for its node: a reference into the arena, or a number.
  private struct Item {
    enum Tag: UInt8 { case null, node, list, int, name, text, constant }
    var tag: Tag
    /// `NodeKind` of a node; length of a list or text; the number; index of a name
    var number: Int
    /// Where node, items, bytes or constant lie
    var pointer: UnsafeMutableRawPointer?
  }

  private(set) var synthetic: SyntheticTree
  private let tree: SyntaxTree
  private let arena: Arena
  private let null = Item(tag: .null, number: 0, pointer: nil)
  /// `stack[0 ..< depth]`
  private var stack: UnsafeMutablePointer<Item>
  private var depth = 0
  private var capacity = 256
  /// Names of types that cannot be constants; a constant made of one has its index + 1 as number.
  private var foreign: [String] = []

  /// - Throws: for None where the tree has no place for it
  static func read(_ stream: NodeStream) throws(TreeProblem) -> SyntheticTree {
    var reader = TreeReader()
    defer { reader.stack.deallocate() }
    try reader.run(stream)
    return reader.synthetic
  }

  private init() {
    tree = SyntaxTree()
    arena = tree.arena
    synthetic = SyntheticTree(tree)
    stack = .allocate(capacity: capacity)
  }

  private mutating func run(_ stream: NodeStream) throws(TreeProblem) {
    var at = stream.base
    let end = stream.base + stream.count
    while at < end {
      let word = at.pointee
      let number = NodeStream.number(word)
      at += 1
      switch NodeStream.op(word) {
      case .node:
        guard let kind = NodeKind(rawValue: UInt8(truncatingIfNeeded: number)) else { continue }
        try node(kind, &at)
      case .list: collect(number)
      case .null: push(null)
      case .int: push(Item(tag: .int, number: number, pointer: nil))
      case .newName:
        let name =
          number == 0 ? tree.names.intern("") : tree.names.intern(UnsafeRawPointer(at).assumingMemoryBound(to: UInt8.self), count: number)
        at += (number &+ 7) >> 3
        push(Item(tag: .name, number: Int(name.index), pointer: nil))
      case .name: push(null)
      case .string: push(text(&at, number))
      case .constNone: constant(.none)
      case .constTrue: constant(.true)
      case .constFalse: constant(.false)
      case .constEllipsis: constant(.ellipsis)
      case .constInt:
        constant(.int(Int64(bitPattern: at.pointee)))
        at += 1
      case .constBigInt:
        let count = number >> 1
        constant(.bigInt(negative: number & 1 != 0, limbs: arena.list(copying: at, count: count)))
        at += count
      case .constFloat:
        constant(.float(Double(bitPattern: at.pointee)))
        at += 1
      case .constComplex:
        constant(.complex(real: Double(bitPattern: at[0]), imag: Double(bitPattern: at[1])))
        at += 2
      case .constString: constant(.str(bytes(text(&at, number))))
      case .constBytes: constant(.bytes(bytes(text(&at, number))))
      case .constTuple: composite(number) { .tuple($0) }
      case .constFrozenSet: composite(number) { .frozenset($0) }
      case .constOther:
        let name = text(&at, number)
        foreign.append(String(decoding: bytes(name).buffer, as: UTF8.self))
        push(Item(tag: .constant, number: foreign.count, pointer: UnsafeMutableRawPointer(arena.make(Constant.none).pointer)))
      }
    }
  }

  // MARK: The stack

  private mutating func push(_ item: Item) {
    if depth == capacity {
      let larger = UnsafeMutablePointer<Item>.allocate(capacity: capacity * 2)
      larger.moveInitialize(from: stack, count: depth)
      stack.deallocate()
      stack = larger
      capacity *= 2
    }
    (stack + depth).initialize(to: item)
    depth += 1
  }

  /// The last `count` items, gone from the stack.
  private mutating func take(_ count: Int) -> UnsafeMutablePointer<Item> {
    depth = max(depth - count, 0)
    return stack + depth
  }

  private mutating func collect(_ count: Int) {
    let items = take(count)
    let memory = arena.allocate(size: max(count, 1) * MemoryLayout<Item>.stride).assumingMemoryBound(to: Item.self)
    memory.initialize(from: items, count: count)
    push(Item(tag: .list, number: count, pointer: UnsafeMutableRawPointer(memory)))
  }

  private func text(_ at: inout UnsafeMutablePointer<UInt64>, _ count: Int) -> Item {
    let copy = arena.bytes(copying: UnsafeRawPointer(at).assumingMemoryBound(to: UInt8.self), count: count)
    at += (count &+ 7) >> 3
    return Item(tag: .text, number: count, pointer: copy.base.map { UnsafeMutableRawPointer($0) })
  }

  private func bytes(_ item: Item) -> ArenaBytes {
    guard let pointer = item.pointer else { return ArenaBytes() }
    return ArenaBytes(base: pointer.assumingMemoryBound(to: UInt8.self), count: item.number)
  }

  private mutating func constant(_ value: Constant) {
    push(Item(tag: .constant, number: 0, pointer: UnsafeMutableRawPointer(arena.make(value).pointer)))
  }

  private mutating func composite(_ count: Int, _ make: (ArenaList<Constant>) -> Constant) {
    let items = take(count)
    var values: [Constant] = []
    var wrong = 0
    for i in 0..<count {
      values.append(constantValue(items[i]))
      if wrong == 0 { wrong = items[i].number }
    }
    let made = make(arena.list(values))
    push(Item(tag: .constant, number: wrong, pointer: UnsafeMutableRawPointer(arena.make(made).pointer)))
  }

  private func constantValue(_ item: Item) -> Constant {
    guard item.tag == .constant, let pointer = item.pointer else { return .none }
    return pointer.load(as: Constant.self)
  }

  // MARK: Fields

  private func reference<T>(_ item: Item, _: T.Type) -> Ref<T>? {
    guard item.tag == .node, let pointer = item.pointer else { return nil }
    return Ref(pointer.assumingMemoryBound(to: T.self))
  }

  private func expr(_ item: Item) -> Ref<Expr> { reference(item, Expr.self) ?? synthetic.nullExpr }
  private func optional(_ item: Item) -> Ref<Expr>? { reference(item, Expr.self) }
  private func pattern(_ item: Item) -> Ref<Pattern> { reference(item, Pattern.self) ?? synthetic.nullPattern }

  private func list<T>(_ item: Item, _ each: (Item) throws(TreeProblem) -> T) throws(TreeProblem) -> ArenaList<T> {
    guard item.tag == .list, item.number > 0, let pointer = item.pointer else { return ArenaList() }
    let items = pointer.assumingMemoryBound(to: Item.self)
    let memory = arena.allocate(size: item.number * MemoryLayout<T>.stride).assumingMemoryBound(to: T.self)
    for i in 0..<item.number { (memory + i).initialize(to: try each(items[i])) }
    return ArenaList(base: memory, count: item.number)
  }

  private func exprs(_ item: Item) throws(TreeProblem) -> ArenaList<Ref<Expr>> { try list(item) { expr($0) } }
  private func optionals(_ item: Item) throws(TreeProblem) -> ArenaList<Ref<Expr>?> { try list(item) { optional($0) } }
  private func stmts(_ item: Item) throws(TreeProblem) -> ArenaList<Ref<Stmt>> {
    try list(item) { reference($0, Stmt.self) ?? synthetic.nullStmt }
  }
  private func patterns(_ item: Item) throws(TreeProblem) -> ArenaList<Ref<Pattern>> { try list(item) { pattern($0) } }

  /// Items that lie in lists by value.
  private func values<T>(_ item: Item, _: T.Type, _ what: StaticString) throws(TreeProblem) -> ArenaList<T> {
    try list(item) { item throws(TreeProblem) in
      guard let found = reference(item, T.self) else { throw TreeProblem(.valueError, "None disallowed in \(what) list") }
      return found.pointee
    }
  }

  private func name(_ item: Item) -> Name { Name(index: Int32(truncatingIfNeeded: item.tag == .name ? item.number : 0)) }
  private func optionalName(_ item: Item) -> Name? { item.tag == .name ? name(item) : nil }
  private func names(_ item: Item) throws(TreeProblem) -> ArenaList<Name> {
    try list(item) { item throws(TreeProblem) in
      guard let name = optionalName(item) else { throw TreeProblem(.valueError, "None disallowed in name list") }
      return name
    }
  }
  private func comment(_ item: Item) -> ArenaBytes? { item.tag == .text ? bytes(item) : nil }
  private func int(_ item: Item) -> Int32 { Int32(truncatingIfNeeded: item.number) }
  private func number(_ item: Item, from first: NodeKind) -> UInt8 {
    UInt8(truncatingIfNeeded: max(item.number - Int(first.rawValue), 0))
  }
  private func context(_ item: Item) -> ExprContext { ExprContext(rawValue: number(item, from: .Load)) ?? .Load }
  private func operation(_ item: Item) -> Operator { Operator(rawValue: number(item, from: .Add)) ?? .Add }

  // MARK: Nodes

  private mutating func made(_ kind: NodeKind, _ pointer: UnsafeMutableRawPointer?) {
    push(Item(tag: .node, number: Int(kind.rawValue), pointer: pointer))
  }
  private mutating func made<T>(_ kind: NodeKind, value: T) { made(kind, UnsafeMutableRawPointer(arena.make(value).pointer)) }

  private func span(_ at: inout UnsafeMutablePointer<UInt64>) -> Span {
    let start = at[0]
    let end = at[1]
    at += 2
    return Span(
      lineno: Int32(truncatingIfNeeded: Int64(bitPattern: start) >> 32), col_offset: Int32(truncatingIfNeeded: Int64(bitPattern: start)),
      end_lineno: Int32(truncatingIfNeeded: Int64(bitPattern: end) >> 32), end_col_offset: Int32(truncatingIfNeeded: Int64(bitPattern: end))
    )
  }

  private mutating func node(_ kind: NodeKind, _ at: inout UnsafeMutablePointer<UInt64>) throws(TreeProblem) {
    switch kind {
    case .Module, .Interactive, .Expression, .FunctionType: try module(kind)
    case .FunctionDef, .AsyncFunctionDef, .ClassDef, .Return, .Delete, .Assign, .AugAssign, .AnnAssign, .For, .AsyncFor, .While, .If,
      .With, .AsyncWith, .Match, .Raise, .Try, .TryStar, .Assert, .Import, .ImportFrom, .Global, .Nonlocal, .Expr, .Pass, .Break,
      .Continue:
      let span = span(&at)
      let node = try statement(kind)
      made(kind, value: Stmt(span, node))
    case .BoolOp, .NamedExpr, .BinOp, .UnaryOp, .Lambda, .IfExp, .Dict, .Set, .ListComp, .SetComp, .DictComp, .GeneratorExp, .Await,
      .Yield, .YieldFrom, .Compare, .Call, .FormattedValue, .JoinedStr, .Constant, .Attribute, .Subscript, .Starred, .Name, .List,
      .Tuple, .Slice:
      let span = span(&at)
      let wrong = kind == .Constant && depth >= 2 ? stack[depth - 2].number : 0
      let node = try expression(kind)
      let made = arena.make(Expr(span, node))
      if wrong > 0 && wrong <= foreign.count { synthetic.foreignConstants[made.pointer] = foreign[wrong - 1] }
      self.made(kind, UnsafeMutableRawPointer(made.pointer))
    case .MatchValue, .MatchSingleton, .MatchSequence, .MatchMapping, .MatchClass, .MatchStar, .MatchAs, .MatchOr:
      let span = span(&at)
      let node = try patternNode(kind)
      made(kind, value: Pattern(span, node))
    case .Load, .Store, .Del, .And, .Or, .Add, .Sub, .Mult, .MatMult, .Div, .Mod, .Pow, .LShift, .RShift, .BitOr, .BitXor, .BitAnd,
      .FloorDiv, .Invert, .Not, .UAdd, .USub, .Eq, .NotEq, .Lt, .LtE, .Gt, .GtE, .Is, .IsNot, .In, .NotIn:
      made(kind, nil)
    case .comprehension, .ExceptHandler, .arguments, .arg, .keyword, .alias, .withitem, .match_case, .TypeIgnore: try part(kind, &at)
    }
  }

  private mutating func module(_ kind: NodeKind) throws(TreeProblem) {
    switch kind {
    case .Module:
      let f = take(2)
      let ignores = try list(f[1]) { reference($0, TypeIgnore.self)?.pointee ?? TypeIgnore(lineno: 0, tag: ArenaBytes()) }
      tree.root = .Module(body: try stmts(f[0]), type_ignores: ignores)
    case .Interactive: tree.root = .Interactive(body: try stmts(take(1)[0]))
    case .Expression: tree.root = .Expression(body: expr(take(1)[0]))
    default:
      let f = take(2)
      tree.root = .FunctionType(argtypes: try exprs(f[0]), returns: expr(f[1]))
    }
  }

  private mutating func part(_ kind: NodeKind, _ at: inout UnsafeMutablePointer<UInt64>) throws(TreeProblem) {
    switch kind {
    case .comprehension:
      let f = take(4)
      made(kind, value: Comprehension(target: expr(f[0]), iter: expr(f[1]), ifs: try exprs(f[2]), is_async: f[3].number != 0))
    case .ExceptHandler:
      let f = take(3)
      let span = span(&at)
      made(kind, value: ExceptHandler(span, type: optional(f[0]), name: optionalName(f[1]), body: try stmts(f[2])))
    case .arguments:
      let f = take(7)
      made(
        kind,
        value: Arguments(
          posonlyargs: try values(f[0], Arg.self, "argument"), args: try values(f[1], Arg.self, "argument"),
          vararg: reference(f[2], Arg.self), kwonlyargs: try values(f[3], Arg.self, "argument"), kw_defaults: try optionals(f[4]),
          kwarg: reference(f[5], Arg.self), defaults: try exprs(f[6])))
    case .arg:
      let f = take(3)
      let span = span(&at)
      made(kind, value: Arg(span, arg: name(f[0]), annotation: optional(f[1]), type_comment: comment(f[2])))
    case .keyword:
      let f = take(2)
      let span = span(&at)
      made(kind, value: Keyword(span, arg: optionalName(f[0]), value: expr(f[1])))
    case .alias:
      let f = take(2)
      let span = span(&at)
      made(kind, value: Alias(span, name: name(f[0]), asname: optionalName(f[1])))
    case .withitem:
      let f = take(2)
      made(kind, value: WithItem(context_expr: expr(f[0]), optional_vars: optional(f[1])))
    case .match_case:
      let f = take(3)
      made(kind, value: MatchCase(pattern: pattern(f[0]), guardExpr: optional(f[1]), body: try stmts(f[2])))
    default:
      let f = take(2)
      made(kind, value: TypeIgnore(lineno: int(f[0]), tag: bytes(f[1])))
    }
  }

  private func arguments(_ item: Item) -> Ref<Arguments> {
    if let found = reference(item, Arguments.self) { return found }
    return arena.make(
      Arguments(
        posonlyargs: ArenaList(), args: ArenaList(), vararg: nil, kwonlyargs: ArenaList(), kw_defaults: ArenaList(), kwarg: nil,
        defaults: ArenaList()))
  }

  private mutating func statement(_ kind: NodeKind) throws(TreeProblem) -> StmtNode {
    switch kind {
    case .FunctionDef, .AsyncFunctionDef:
      let f = take(6)
      let definition = arena.make(
        FunctionDefinition(
          name: name(f[0]), args: arguments(f[1]), body: try stmts(f[2]), decorator_list: try exprs(f[3]), returns: optional(f[4]),
          type_comment: comment(f[5])))
      return kind == .FunctionDef ? .FunctionDef(definition) : .AsyncFunctionDef(definition)
    case .ClassDef:
      let f = take(5)
      return .ClassDef(
        arena.make(
          ClassDefinition(
            name: name(f[0]), bases: try exprs(f[1]), keywords: try values(f[2], Keyword.self, "keyword"), body: try stmts(f[3]),
            decorator_list: try exprs(f[4]))))
    case .Return: return .Return(value: optional(take(1)[0]))
    case .Delete: return .Delete(targets: try exprs(take(1)[0]))
    case .Assign:
      let f = take(3)
      return .Assign(targets: try exprs(f[0]), value: expr(f[1]), type_comment: comment(f[2]))
    case .AugAssign:
      let f = take(3)
      return .AugAssign(target: expr(f[0]), op: operation(f[1]), value: expr(f[2]))
    case .AnnAssign:
      let f = take(4)
      return .AnnAssign(target: expr(f[0]), annotation: expr(f[1]), value: optional(f[2]), simple: f[3].number != 0)
    case .For, .AsyncFor:
      let f = take(5)
      let loop = arena.make(
        ForLoop(target: expr(f[0]), iter: expr(f[1]), body: try stmts(f[2]), orelse: try stmts(f[3]), type_comment: comment(f[4])))
      return kind == .For ? .For(loop) : .AsyncFor(loop)
    case .While:
      let f = take(3)
      return .While(test: expr(f[0]), body: try stmts(f[1]), orelse: try stmts(f[2]))
    case .If:
      let f = take(3)
      return .If(test: expr(f[0]), body: try stmts(f[1]), orelse: try stmts(f[2]))
    case .With, .AsyncWith:
      let f = take(3)
      let items = try values(f[0], WithItem.self, "withitem")
      let body = try stmts(f[1])
      return kind == .With
        ? .With(items: items, body: body, type_comment: comment(f[2])) : .AsyncWith(items: items, body: body, type_comment: comment(f[2]))
    case .Match:
      let f = take(2)
      return .Match(subject: expr(f[0]), cases: try values(f[1], MatchCase.self, "match_case"))
    case .Raise:
      let f = take(2)
      return .Raise(exc: optional(f[0]), cause: optional(f[1]))
    case .Try, .TryStar:
      let f = take(4)
      let block = arena.make(
        TryBlock(
          body: try stmts(f[0]), handlers: try values(f[1], ExceptHandler.self, "handler"), orelse: try stmts(f[2]),
          finalbody: try stmts(f[3])))
      return kind == .Try ? .Try(block) : .TryStar(block)
    case .Assert:
      let f = take(2)
      return .Assert(test: expr(f[0]), msg: optional(f[1]))
    case .Import: return .Import(names: try values(take(1)[0], Alias.self, "alias"))
    case .ImportFrom:
      let f = take(3)
      return .ImportFrom(module: optionalName(f[0]), names: try values(f[1], Alias.self, "alias"), level: int(f[2]))
    case .Global: return .Global(names: try names(take(1)[0]))
    case .Nonlocal: return .Nonlocal(names: try names(take(1)[0]))
    case .Expr: return .Expr(value: expr(take(1)[0]))
    case .Break: return .Break
    case .Continue: return .Continue
    default: return .Pass
    }
  }

  private mutating func expression(_ kind: NodeKind) throws(TreeProblem) -> ExprNode {
    switch kind {
    case .BoolOp:
      let f = take(2)
      return .BoolOp(op: BoolOperator(rawValue: number(f[0], from: .And)) ?? .And, values: try exprs(f[1]))
    case .NamedExpr:
      let f = take(2)
      return .NamedExpr(target: expr(f[0]), value: expr(f[1]))
    case .BinOp:
      let f = take(3)
      return .BinOp(left: expr(f[0]), op: operation(f[1]), right: expr(f[2]))
    case .UnaryOp:
      let f = take(2)
      return .UnaryOp(op: UnaryOperator(rawValue: number(f[0], from: .Invert)) ?? .Invert, operand: expr(f[1]))
    case .Lambda:
      let f = take(2)
      return .Lambda(args: arguments(f[0]), body: expr(f[1]))
    case .IfExp:
      let f = take(3)
      return .IfExp(test: expr(f[0]), body: expr(f[1]), orelse: expr(f[2]))
    case .Dict:
      let f = take(2)
      return .Dict(keys: try optionals(f[0]), values: try exprs(f[1]))
    case .Set: return .Set(elts: try exprs(take(1)[0]))
    case .ListComp, .SetComp, .GeneratorExp:
      let f = take(2)
      let generators = try values(f[1], Comprehension.self, "comprehension")
      switch kind {
      case .ListComp: return .ListComp(elt: expr(f[0]), generators: generators)
      case .SetComp: return .SetComp(elt: expr(f[0]), generators: generators)
      default: return .GeneratorExp(elt: expr(f[0]), generators: generators)
      }
    case .DictComp:
      let f = take(3)
      return .DictComp(key: expr(f[0]), value: expr(f[1]), generators: try values(f[2], Comprehension.self, "comprehension"))
    case .Await: return .Await(value: expr(take(1)[0]))
    case .Yield: return .Yield(value: optional(take(1)[0]))
    case .YieldFrom: return .YieldFrom(value: expr(take(1)[0]))
    case .Compare:
      let f = take(3)
      let ops = try list(f[1]) { CompareOperator(rawValue: number($0, from: .Eq)) ?? .Eq }
      return .Compare(left: expr(f[0]), ops: ops, comparators: try exprs(f[2]))
    case .Call:
      let f = take(3)
      return .Call(func: expr(f[0]), args: try exprs(f[1]), keywords: try values(f[2], Keyword.self, "keyword"))
    case .FormattedValue:
      let f = take(3)
      return .FormattedValue(value: expr(f[0]), conversion: int(f[1]), format_spec: optional(f[2]))
    case .JoinedStr: return .JoinedStr(values: try exprs(take(1)[0]))
    case .Attribute:
      let f = take(3)
      return .Attribute(value: expr(f[0]), attr: name(f[1]), ctx: context(f[2]))
    case .Subscript:
      let f = take(3)
      return .Subscript(value: expr(f[0]), slice: expr(f[1]), ctx: context(f[2]))
    case .Starred:
      let f = take(2)
      return .Starred(value: expr(f[0]), ctx: context(f[1]))
    case .Name:
      let f = take(2)
      return .Name(id: name(f[0]), ctx: context(f[1]))
    case .List:
      let f = take(2)
      return .List(elts: try exprs(f[0]), ctx: context(f[1]))
    case .Tuple:
      let f = take(2)
      return .Tuple(elts: try exprs(f[0]), ctx: context(f[1]))
    case .Slice:
      let f = take(3)
      return .Slice(lower: optional(f[0]), upper: optional(f[1]), step: optional(f[2]))
    default:
      let f = take(2)
      return .Constant(value: constantValue(f[0]), kind: f[1].tag == .text && bytes(f[1]).buffer.elementsEqual("u".utf8))
    }
  }

  private mutating func patternNode(_ kind: NodeKind) throws(TreeProblem) -> PatternNode {
    switch kind {
    case .MatchValue: return .MatchValue(value: expr(take(1)[0]))
    case .MatchSingleton:
      let item = take(1)[0]
      // What is not a constant at all is not a singleton either.
      return .MatchSingleton(value: item.number == 0 ? constantValue(item) : .ellipsis)
    case .MatchSequence: return .MatchSequence(patterns: try patterns(take(1)[0]))
    case .MatchMapping:
      let f = take(3)
      return .MatchMapping(keys: try exprs(f[0]), patterns: try patterns(f[1]), rest: optionalName(f[2]))
    case .MatchClass:
      let f = take(4)
      return .MatchClass(
        cls: expr(f[0]), patterns: try patterns(f[1]), kwd_attrs: try names(f[2]), kwd_patterns: try patterns(f[3]))
    case .MatchStar: return .MatchStar(name: optionalName(take(1)[0]))
    case .MatchAs:
      let f = take(2)
      return .MatchAs(pattern: reference(f[0], Pattern.self), name: optionalName(f[1]))
    default: return .MatchOr(patterns: try patterns(take(1)[0]))
    }
  }
}
