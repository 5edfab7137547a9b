import CPython
import Glibc
import PyRuntime

/// `input()` at a terminal, once `readline` has been imported: lines are read by what that module has installed in libpython.
enum CrossReadline {
  static func noteImport(_ name: String) {
    if name != "readline" { return }
    // The prompt is bytes, and so is the line, its end included: empty at the end of the input.
    rt.pointee.bridgeHooks.readLine = { (vm, prompt) throws(Raised) in
      var text = [CChar](repeating: 0, count: prompt.as(BytesLayout.self).pointee.count + 1)
      for i in 0..<text.count - 1 { text[i] = CChar(bitPattern: prompt.as(BytesLayout.self).bytes[i]) }
      guard let line = Calls.run(vm, { text.withUnsafeBufferPointer { py.pointee.PyOS_Readline(stdin, stdout, $0.baseAddress) } }) else {
        if py.pointee.PyErr_Occurred() != nil { throw Errors.fetch(vm) }
        throw vm.raise(.keyboardInterrupt, "")
      }
      defer { py.pointee.PyMem_Free(line) }
      return try vm.bytes(UnsafeRawBufferPointer(start: line, count: strlen(line)))
    }
  }
}
