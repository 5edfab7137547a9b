/// What the error pass keeps of a parsed construct: enough to name it, to point at it and to look for a bad target in it.
struct DiagnosisNode {
  enum Kind: UInt8 {
    case empty, sequence, other, token
    case Name, Constant, None, True, False, Ellipsis, JoinedStr
    case Tuple, List, Set, Dict, ListComp, SetComp, DictComp, GeneratorExp, Lambda, IfExp, BoolOp, BinOp, UnaryOp, Compare
    case Call, Attribute, Subscript, Starred, Yield, Await, NamedExpr, Slice
    case InPair, Keyword, DoubleStarred

    static func named(_ name: String) -> Kind {
      switch name {
      case "Tuple": return .Tuple
      case "List": return .List
      case "Set": return .Set
      case "Dict": return .Dict
      case "ListComp": return .ListComp
      case "SetComp": return .SetComp
      case "DictComp": return .DictComp
      case "GeneratorExp": return .GeneratorExp
      case "Lambda": return .Lambda
      case "IfExp": return .IfExp
      case "BoolOp": return .BoolOp
      case "BinOp": return .BinOp
      case "UnaryOp": return .UnaryOp
      case "Compare": return .Compare
      case "Call": return .Call
      case "Attribute": return .Attribute
      case "Subscript": return .Subscript
      case "Starred": return .Starred
      case "Yield": return .Yield
      case "Await": return .Await
      case "NamedExpr": return .NamedExpr
      case "Slice": return .Slice
      case "None": return .None
      case "True": return .True
      case "False": return .False
      case "Ellipsis": return .Ellipsis
      case "InPair": return .InPair
      case "Keyword": return .Keyword
      case "DoubleStarred": return .DoubleStarred
      default: return .other
      }
    }

    /// How error messages call an expression.
    var expressionName: String {
      switch self {
      case .Attribute: return "attribute"
      case .Subscript: return "subscript"
      case .Starred: return "starred"
      case .Name: return "name"
      case .List: return "list"
      case .Tuple: return "tuple"
      case .Lambda: return "lambda"
      case .Call: return "function call"
      case .BoolOp, .BinOp, .UnaryOp: return "expression"
      case .GeneratorExp: return "generator expression"
      case .Yield: return "yield expression"
      case .Await: return "await expression"
      case .ListComp: return "list comprehension"
      case .SetComp: return "set comprehension"
      case .DictComp: return "dict comprehension"
      case .Dict: return "dict literal"
      case .Set: return "set display"
      case .JoinedStr: return "f-string expression"
      case .None: return "None"
      case .True: return "True"
      case .False: return "False"
      case .Ellipsis: return "ellipsis"
      case .Compare: return "comparison"
      case .IfExp: return "conditional expression"
      case .NamedExpr: return "named expression"
      default: return "literal"
      }
    }
  }

  var kind: Kind
  var span: Span
  /// Elements of containers and sequences: indexes into `DiagnosisParser.children`.
  var firstChild: Int32 = 0
  var childCount: Int32 = 0
  /// Identifier of a `Name`; the token's index for `token`; 1 for a call or argument list with `**`; whether a comparison's
  /// first operator is `in`.
  var payload: Int32 = 0
}
