import Glibc
import PyRuntime

extension Arguments {
  /// The image to start from: `amphis.image` beside the executable, or in `../lib/amphis` from there, or where the executable lies of which it is
  /// a copy in a virtual environment; nil for none. Images hold code that is not optimised, with columns; `-v` is there to tell of each file.
  func imagePath(of executable: Executable) -> String? {
    let flags = config.flags
    if flags.optimize > 0 || flags.noDebugRanges || flags.verbose > 0 { return nil }
    switch image {
    case .off: return nil
    case .file(let path): return path
    case .besideExecutable: return Executable.running().flatMap(Arguments.image(for:)) ?? Arguments.image(for: executable.base)
    }
  }

  private static func image(for executable: [UInt8]) -> String? {
    guard let folder = Executable.parent(executable).map({ String(decoding: $0, as: UTF8.self) }) else { return nil }
    return ["/amphis.image", "/../lib/amphis/amphis.image"].lazy.map { folder + $0 }.first { access($0, R_OK) == 0 }
  }

  /// For `-VV`: a start without its image takes longer, and says nothing.
  func imageReport() -> String {
    let path = imagePath(of: Executable())
    if let path, HeapImage.isOfThisBuild(path) { return "image: \(path)" }
    return "image: none\(path.map { ", for \($0) is not of this build" } ?? "") (starts read the standard library's files)"
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
