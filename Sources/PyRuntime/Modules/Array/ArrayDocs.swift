/// Docstrings of `array`.
enum ArrayDocs {
  static let module: StaticString = """
    Arrays of numbers or characters that are held as machine values.

    An array behaves much like a list whose items all have one type.

    """
  static let type: StaticString = """
    array(typecode [, initializer]) -> array

    Return a new array whose items are of the type that typecode names. They come from the
    initializer: a list, bytes, text or any iterable of fitting items.

    Type codes, their C types and least sizes in bytes:

        'b'  signed integer      1        'l'  signed integer      4
        'B'  unsigned integer    1        'L'  unsigned integer    4
        'u'  Unicode character   2        'q'  signed integer      8
        'h'  signed integer      2        'Q'  unsigned integer    8
        'H'  unsigned integer    2        'f'  floating point      4
        'i'  signed integer      2        'd'  floating point      8
        'I'  unsigned integer    2

    Attributes: typecode, the type code the array was made with, and itemsize, the bytes of one item.
    """
}
