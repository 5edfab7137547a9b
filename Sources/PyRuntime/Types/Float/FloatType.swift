/// `float`: exact floats are inline values; instances of Python subclasses are `FloatLayout` cells.
enum FloatType {
  static func declare(_ t: inout TypeBuilder) {
    t.doc("float(x=0, /)\n\nThe floating-point number that a number or a text stands for.")
    t.flags.formUnion([.baseType, .floatSubclass, .matchSelf])
    FloatSlots.install(&t)
  }
}
