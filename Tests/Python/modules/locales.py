"""The locale: queries, settings, numbers, and the functions that the C library has for sorting and translating."""
import _locale
import locale

print(_locale.setlocale(_locale.LC_CTYPE), _locale.setlocale(_locale.LC_NUMERIC, None))
print(_locale.setlocale(_locale.LC_ALL, "C"), _locale.setlocale(_locale.LC_ALL))
for k, v in _locale.localeconv().items():
    print(k, repr(v))
for wrong in ((), (1, 2), ("x",), (1, "no_SUCH.locale"), (99,), (0, "a\0b"), (2**40,), (1, "C", 3)):
    try:
        print(_locale.setlocale(*wrong))
    except Exception as e:
        print(wrong, type(e).__module__, type(e).__name__, e)
print(_locale.Error.__mro__, _locale.Error is locale.Error)
print(_locale.setlocale(_locale.LC_CTYPE, "C.UTF-8"), _locale.getencoding())
names = [n for n in dir(_locale) if not n.startswith("__")]
print(len(names), {n: getattr(_locale, n) for n in names if isinstance(getattr(_locale, n), int)})
print(_locale.nl_langinfo(_locale.DAY_1), _locale.nl_langinfo(_locale.RADIXCHAR), locale.getlocale())
print(_locale.strcoll("a", "b") < 0, _locale.strxfrm("abc"), _locale.gettext("amphis"), _locale.textdomain(None))
print(locale.format_string("%.2f", 1234.5, grouping=True), locale.str(1.5), locale.atof("1.5"), locale.normalize("de_DE"))
