import PyBytecode

/// The register code of a code object and of those inside it, as `amphis --show=registers` prints it. Nothing is run.
public func registerListing(_ code: CodeBlueprint) -> String {
  var text = ""
  appendListing(of: code, to: &text, depth: 0)
  return text
}

private func appendListing(of code: CodeBlueprint, to text: inout String, depth: Int) {
  func string(_ bytes: [UInt8]) -> String { String(decoding: bytes, as: UTF8.self) }
  let name = string(code.qualifiedName)
  code.withCodeView { view in
    do throws(VerificationError) {
      let lowered = try Lowering.lower(view)
      defer { lowered.deallocate() }
      text += "Register code of \(name), line \(code.firstLine): \(lowered.registerCount) registers, \(lowered.wordCount) words\n"
      var disassembler = RegisterDisassembler(code: lowered)
      disassembler.constantText = { index in
        guard index < code.constants.count else { return "k\(index)" }
        var bytes: [UInt8] = []
        ConstantRepr.append(code.constants[index], to: &bytes)
        return string(bytes)
      }
      disassembler.nameText = { $0 < code.names.count ? string(code.names[$0]) : "n\($0)" }
      disassembler.localText = { $0 < code.localsplusNames.count ? string(code.localsplusNames[$0]) : "r\($0)" }
      text += disassembler.listing()
    } catch {
      text += "Register code of \(name), line \(code.firstLine): refused, \(error.description)\n"
    }
  }
  for case .code(let inner) in code.constants where depth < 2000 {
    text += "\n"
    appendListing(of: inner, to: &text, depth: depth + 1)
  }
}
