/// `frame`
enum FrameType {
  static func declare(_ t: inout TypeBuilder) {
    t.trace(FrameObjectLayout.traceCell)
  }
}
