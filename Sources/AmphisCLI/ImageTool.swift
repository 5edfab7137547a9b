import Glibc
import PyRuntime

extension Arguments {
  /// The image to start from: `amphis.image` beside the executable, or in `../lib/amphis` from there; nil for none. Images hold code
  /// that is not optimised, with columns; `-v` is there to tell of each file.
  func imagePath() -> String? {
    let flags = config.flags
    if flags.optimize > 0 || flags.noDebugRanges || flags.verbose > 0 { return nil }
    switch image {
    case .off: return nil
    case .file(let path): return path
    case .besideExecutable: break
    }
    var buffer = [CChar](repeating: 0, count: Int(PATH_MAX) + 1)
    let n = readlink("/proc/self/exe", &buffer, Int(PATH_MAX))
    guard n > 0, let slash = buffer[..<n].lastIndex(of: CChar(bitPattern: UInt8(ascii: "/"))) else { return nil }
    let folder = String(decoding: buffer[..<slash].map { UInt8(bitPattern: $0) }, as: UTF8.self)
    let beside = folder + "/amphis.image"
    return access(beside, R_OK) == 0 ? beside : folder + "/../lib/amphis/amphis.image"
  }
}

/// `--write-image`: runs once, when Amphis is built.
enum ImageTool {
  static func write(_ vm: VM, _ path: String) -> Int32 {
    let isTerminal = isatty(2) == 1
    var lastPercent = -25
    let problem: String?
    do throws(Raised) {
      problem = try ImageModules.write(vm, to: path) { done, total in
        let percent = total == 0 ? 100 : done * 100 / total
        if isTerminal {
          complain("\ramphis: writing \(path): \(done) of \(total) modules\(done == total ? "\n" : "")")
        } else if percent >= lastPercent + 25 {
          lastPercent = percent
          complain("amphis: writing \(path): \(done) of \(total) modules\n")
        }
      }
    } catch {
      problem = "the standard library could not be read"
    }
    guard let problem else { return 0 }
    complain("amphis: no image was written: \(problem)\n")
    return 1
  }
}
