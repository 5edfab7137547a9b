import PyBytecode
import PySyntax

/// A constant as a code object keeps it.
func stored(_ constant: Constant) -> StoredConstant {
  switch constant {
  case .none: return .none
  case .true: return .true
  case .false: return .false
  case .ellipsis: return .ellipsis
  case .int(let value): return .int(value)
  case .bigInt(let negative, let limbs): return .bigInt(negative: negative, magnitude: Array(limbs))
  case .float(let value): return .float(NaNIdentity.strip(value))
  case .complex(let real, let imaginary): return .complex(real: NaNIdentity.strip(real), imaginary: NaNIdentity.strip(imaginary))
  case .str(let text): return .string(Array(text.buffer))
  case .bytes(let data): return .bytes(Array(data.buffer))
  case .tuple(let items): return .tuple(items.map(stored))
  case .frozenset(let items): return .frozenset(items.map(stored))
  }
}
