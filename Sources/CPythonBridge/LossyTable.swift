/// The kinds of loss, in the words of `docs/lossy-conversions.md`, which is printed from here (`make docs`).
enum LossyTable {
  struct Row {
    let code: Lossy.Code
    let title: String
    let lost: String
    let example: String
    let remedy: String
    /// What looks alike and loses nothing
    let nearMiss: String
  }

  static let rows: [Row] = [
    Row(
      code: .valueChanged, title: "value changed",
      lost: "The value itself. No conversion does this: ints cross limb by limb, floats bit by bit, text by code points. While losses are "
        + "told, each such value is verified after it has crossed.",
      example: "none but a defect of ours; `amphis._bridge.falsify()` makes the next value count as one", remedy: "report a defect",
      nearMiss: "`float('nan')`, `10**400`, `'\\ud800'`"),
    Row(
      code: .typeErased, title: "type erased",
      lost: "The class, and with it methods and attributes: C code gets an instance of the builtin base.",
      example: "`q.put(Tags({1}))`, `Tags` a subclass of `frozenset`",
      remedy: "pass `amphis.copy(x)`, an exact builtin, to say that the class does not matter",
      nearMiss: "instances of subclasses of `int`, `str`, `tuple`, `list`, `dict`, `set`, which cross with their class"),
    Row(
      code: .identityLost, title: "identity lost",
      lost: "`is`: an immutable went by value inside a tuple that C code took apart, and a copy comes back.",
      example: "C code that extends a list of its own by the items of `(text,)`",
      remedy: "pass the object itself or in a list, or compare with `==`",
      nearMiss: "`q.put(text)`, `q.put([text])`, `q.put((text,))`: what C code keeps of arguments and of items of lists and dicts "
        + "is the same object"),
    Row(
      code: .snapshot, title: "snapshot of something mutable",
      lost: "Later changes: CPython keeps a copy of the items.",
      example: "`q.put(Stack([1]))`, `Stack` a subclass of `list`",
      remedy: "pass an exact list, dict or set, which both sides then share, or `amphis.copy(x)`",
      nearMiss: "`q.put([1])`: the list is shared"),
    Row(
      code: .duplicateKeys, title: "duplicate keys",
      lost: "Entries of a dict or set whose keys have become equal since they were stored.",
      example: "a key whose `__eq__` or `__hash__` changed while it was in a dict",
      remedy: "do not change keys, or rebuild the dict first: `dict(x)`",
      nearMiss: "the same dict with keys that stay as they are"),
    Row(
      code: .protocolMissing, title: "protocol missing",
      lost: "C code asked whether an instance of a subclass is a `bytearray` of its own, was told no, and went through the items instead.",
      example: "`class B(bytearray)`: with `--cpython=array`, `array.array('I', B(8))` makes eight items and not two",
      remedy: "pass `bytes(x)`, or use the method that takes any buffer (`frombytes`)",
      nearMiss: "the same with `bytearray(8)`: an exact bytearray is a real one there, of the same memory"),
    Row(
      code: .tracebackFlattened, title: "frames flattened",
      lost: "Variables of frames of Python that libpython ran: entries of a traceback that arrives here show file, function and line.",
      example: "`amphis --cpython=json -c \"import json; json.loads('{')\"`",
      remedy: "look at `__traceback__` over there, or run the package in Amphis (no `--cpython=`)",
      nearMiss: "an exception that C code itself raises"),
  ]

  /// The whole page.
  static var page: String {
    var text = """
      # Lossy conversions

      <!-- Printed by `make docs` from Sources/CPythonBridge/LossyTable.swift: change it there. -->

      A conversion between the two heads is lossy when a program could tell the difference afterwards. `--warn-lossy` tells where that
      happens: once for each line of Python, pair of types and code.

      | option | what it does |
      |---|---|
      | `--warn-lossy` or `=warn` | issues an `amphis.LossyConversionWarning`: filters of `warnings` apply |
      | `--warn-lossy=error` | raises it where it happens |
      | `--warn-lossy=json` | writes one object a line to standard error: code, direction, from, to, api, file, line, what, advice |
      | `--warn-lossy=summary` | writes a table at exit: code, direction, types, count, first place |

      `amphis.copy(x, depth=None)` makes a copy of exact builtin types, for which nothing is reported.

      | code | class | what is lost | example | what to do | loses nothing |
      |---|---|---|---|---|---|

      """
    for row in rows {
      text += "| L\(row.code.rawValue) | \(row.title) | \(row.lost) | \(row.example) | \(row.remedy) | \(row.nearMiss) |\n"
    }
    return text + """

      Tests: `Tests/Python/bridge/lossy_rows.py` triggers every row and shows that its neighbour reports nothing.

      """
  }
}
