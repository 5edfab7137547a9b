// swift-tools-version: 6.0
import PackageDescription

// Dependencies point left only:
//
//   PySyntax ─► PyCompiler ─┐
//      PyBytecode ──────────┼─► Amphis ─► AmphisCLI → amphis
//      PyBytecode ─► PyRuntime ─► CPythonBridge ─┤   AmphisVM → amphis-vm
//                              └► PyLibraries ───┘
//
// Optimisation flags that SwiftPM calls unsafe are passed by the Makefile, so that the libraries stay usable as dependencies.

let package = Package(
  name: "amphis",
  products: [
    .executable(name: "amphis", targets: ["AmphisCLI"]),
    .executable(name: "amphis-vm", targets: ["AmphisVM"]),
    .library(name: "Amphis", targets: ["Amphis"]),
  ],
  targets: [
    .target(name: "PySyntax", dependencies: ["CRuntimeSupport", "CGMP"]),
    .target(name: "PyBytecode", dependencies: ["CGMP"]),
    .target(name: "PyCompiler", dependencies: ["PySyntax", "PyBytecode", "CGMP"]),
    .target(name: "CRuntimeSupport"),
    .systemLibrary(name: "CGMP", providers: [.apt(["libgmp-dev"])]),
    .target(name: "PyRuntime", dependencies: ["PyBytecode", "CRuntimeSupport", "CGMP"]),
    .systemLibrary(name: "CPython", providers: [.apt(["libpython3-dev"])]),
    .target(name: "CPythonBridge", dependencies: ["PyRuntime", "CPython"]),
    .systemLibrary(name: "CExpat", providers: [.apt(["libexpat1-dev"])]),
    .systemLibrary(name: "CZlib", providers: [.apt(["zlib1g-dev"])]),
    .target(name: "PyLibraries", dependencies: ["PyRuntime", "CRuntimeSupport", "CGMP", "CExpat", "CZlib"]),
    .target(name: "Amphis", dependencies: ["PySyntax", "PyBytecode", "PyCompiler", "PyRuntime", "PyLibraries", "CPythonBridge"]),
    .executableTarget(name: "AmphisCLI", dependencies: ["Amphis", "CRuntimeSupport"]),
    .executableTarget(name: "AmphisVM", dependencies: ["PyBytecode", "PyRuntime"]),
    .testTarget(name: "PySyntaxTests", dependencies: ["PySyntax"]),
    .testTarget(name: "PyBytecodeTests", dependencies: ["PyBytecode"]),
    .testTarget(name: "PyCompilerTests", dependencies: ["PyCompiler"]),
    .testTarget(name: "PyRuntimeTests", dependencies: ["PyRuntime"]),
    .testTarget(name: "CPythonBridgeTests", dependencies: ["CPythonBridge"]),
    .testTarget(name: "AmphisTests", dependencies: ["Amphis"]),
  ],
  swiftLanguageModes: [.v5]
)
