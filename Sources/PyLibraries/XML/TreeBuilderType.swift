import PyRuntime

enum TreeBuilderType {
  nonisolated(unsafe) static var type = TypeRef(bitPattern: 64).unsafelyUnwrapped
  /// What `_set_factories` has set, or null
  nonisolated(unsafe) static var commentFactory = Value.null
  nonisolated(unsafe) static var piFactory = Value.null

  static func layout(_ v: Value) -> TreeBuilderRef { v.as(TreeBuilderLayout.self) }

  static func make(_ vm: VM, _ type: TypeRef) throws(Raised) -> Value {
    let b = try vm.instance(TreeBuilderLayout.self, of: type)
    b.pointee.this = .none
    b.pointee.last = .none
    return Value(b)
  }

  static func declare(_ t: inout TypeBuilder) throws(Raised) {
    t.trace(TreeBuilderLayout.trace)
    t.slots.new = NewCode { (vm, cls, _) throws(Raised) in try make(vm, cls.asType) }
    t.slots.initialize = NativeInitCode { (vm, v, args) throws(Raised) in
      try vm.bind(
        args, "TreeBuilder",
        "(element_factory=None, *, comment_factory=None, pi_factory=None, insert_comments=False, insert_pis=False)"
      ) { a throws(Raised) in
        let b = layout(v)
        let comments = a[3].isNull ? false : try vm.isTrue(a[3])
        let instructions = a[4].isNull ? false : try vm.isTrue(a[4])
        b.pointee.elementFactory = a[0].isNone ? .null : a[0]
        b.pointee.commentFactory = a[1].isNull || a[1].isNone ? commentFactory : a[1]
        b.pointee.insertsComments = comments && !b.pointee.commentFactory.isNull
        b.pointee.piFactory = a[2].isNull || a[2].isNone ? piFactory : a[2]
        b.pointee.insertsInstructions = instructions && !b.pointee.piFactory.isNull
      }
    }
    t.method("data", "($self, data, /)", nil) { vm, v, data throws(Raised) in
      try layout(v).add(vm, data: data)
      return .none
    }
    t.method("start", "($self, tag, attrs, /)", nil) { vm, v, tag, attrs throws(Raised) in
      guard attrs.isDict else { throw vm.raise(.typeError, "start() argument 2 must be dict, not \(attrs.nameAsArgument)") }
      return try layout(v).start(vm, tag, attrs)
    }
    t.method("end", "($self, tag, /)", nil) { (vm, v, _: Value) throws(Raised) in try layout(v).end(vm) }
    t.method("comment", "($self, text, /)", nil) { vm, v, text throws(Raised) in try layout(v).comment(vm, text) }
    t.method("pi", "($self, target, text=None, /)", nil) { (vm, v, target: Value, text: Value) throws(Raised) in
      try layout(v).instruction(vm, target, text.isNull ? .none : text)
    }
    t.method("close", "($self, /)", nil) { (_, v) throws(Raised) in
      let root = layout(v).pointee.root
      return root.isNull ? .none : root
    }
  }

  static let setFactories: NativeTwo = { vm, _, comment, instruction throws(Raised) in
    if !comment.isNone, comment.type.pointee.slots.call == nil {
      throw vm.raise(.typeError, "Comment factory must be callable, not \(comment.typeName)")
    }
    if !instruction.isNone, instruction.type.pointee.slots.call == nil {
      throw vm.raise(.typeError, "PI factory must be callable, not \(instruction.typeName)")
    }
    let old = try vm.tuple(commentFactory.isNull ? .none : commentFactory, piFactory.isNull ? .none : piFactory)
    commentFactory = comment.isNone ? .null : comment
    piFactory = instruction.isNone ? .null : instruction
    return old
  }
}
