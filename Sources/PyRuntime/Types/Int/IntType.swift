/// `int`: declaration of the type. Exact ints are inline values or `BigIntLayout` cells; instances of Python subclasses are
/// `IntSubclassLayout` cells, which is what the type's instance size stands for.
enum IntType {
  static func declare(_ t: inout TypeBuilder) {
    t.doc("int([x]) -> integer\nint(x, base=10) -> integer\n\nThe integer that a number, or text in the given base, stands for.")
    t.flags.formUnion([.baseType, .intSubclass, .matchSelf])
    t.trace { cell, tracer in
      // A big int has no references; a subclass instance has its exact value.
      let header = cell.assumingMemoryBound(to: CellHeader.self)
      if header.pointee.type != rt.types.int { Tracer(tracer).visit(cell.assumingMemoryBound(to: IntSubclassLayout.self).pointee.value) }
    }
    IntSlots.install(&t)
  }
}
