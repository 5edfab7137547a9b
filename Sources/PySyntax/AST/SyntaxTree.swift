/// One parsed source and the owner of its memory. Nodes, names and constants are valid as long as the tree.
public final class SyntaxTree: @unchecked Sendable {
  public let arena: Arena
  public let names: NameTable
  public var root: Module
  /// The prepared source that string constants point into; nil for synthetic trees.
  var source: SourceBuffer?

  /// An empty module to be filled; the parser and builders of synthetic trees use it.
  public init() {
    arena = Arena()
    names = NameTable(arena: arena)
    root = .Module(body: ArenaList(), type_ignores: ArenaList())
    ReservedName.install(in: names)
  }

  deinit {
    source?.free()
    names.free()
    arena.free()
  }
}
