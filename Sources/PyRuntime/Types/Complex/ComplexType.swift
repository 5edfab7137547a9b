/// `complex`: always a `ComplexLayout` cell.
enum ComplexType {
  static func declare(_ t: inout TypeBuilder) {
    t.doc("complex(real=0, imag=0)\n\nThe complex number real + imag*1j, or the one that a text stands for.")
    t.flags.insert(.baseType)
    ComplexSlots.install(&t)
  }
}
