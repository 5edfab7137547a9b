#ifndef AMPHIS_CPYTHON_SHIM_H
#define AMPHIS_CPYTHON_SHIM_H
// What Swift sees of CPython 3.11's C interface. Nothing here links against libpython: functions are reached through a table
// (`cpython_api`) that is filled by dlsym when the first C module is imported, and what the headers define as macros, or as
// inline functions that call out, is written again here against that table.

// <sys/select.h> first: debug builds that import Glibc as well fail without it.
#include <sys/select.h>
#define PY_SSIZE_T_CLEAN
#if __has_include(<Python.h>)
#include <Python.h>
#include <structmember.h>
#include <frameobject.h>
#include <marshal.h>
#elif __has_include(<python3.11/Python.h>)
#include <python3.11/Python.h>
#include <python3.11/structmember.h>
#include <python3.11/frameobject.h>
#include <python3.11/marshal.h>
#else
#error "Python.h was not found: install libpython3-dev (Debian) or set PKG_CONFIG_PATH"
#endif

#include "code.h"

// Every function of libpython that the bridge calls. `amphis_api_names` follows the same order.
#define AMPHIS_FUNCTIONS(X) \
  X(Py_GetVersion) X(PyPreConfig_InitIsolatedConfig) X(Py_PreInitialize) X(PyConfig_InitIsolatedConfig) X(PyConfig_SetString) X(PyConfig_Clear) X(Py_InitializeFromConfig) X(_Py_InitializeMain) \
  X(PyStatus_Exception) X(Py_IsInitialized) X(Py_FinalizeEx) X(_Py_Dealloc) \
  X(PyEval_SaveThread) X(PyEval_RestoreThread) X(PyGILState_Ensure) X(PyGILState_GetThisThreadState) X(PyThreadState_Clear) X(PyThreadState_DeleteCurrent) X(PyErr_SetInterrupt) \
  X(PyErr_CheckSignals) X(PyErr_SetInterruptEx) X(PyOS_BeforeFork) X(PyOS_AfterFork_Parent) X(PyOS_AfterFork_Child) X(PyErr_Occurred) X(PyErr_Clear) X(PyErr_Fetch) X(PyErr_Restore) \
  X(PyErr_NormalizeException) X(PyErr_SetObject) X(PyErr_SetString) X(PyErr_SetNone) X(PyErr_NewException) X(PyCodec_RegisterError) X(PyObject_ClearWeakRefs) X(PyContextVar_New) X(PyContextVar_Get) X(PyContextVar_Set) X(PyContext_New) X(PyContext_Copy) X(PyContext_CopyCurrent) X(PyContext_Enter) X(PyContext_Exit) X(PyByteArray_FromStringAndSize) X(PyErr_GivenExceptionMatches) \
  X(PyException_SetTraceback) X(PyException_GetTraceback) X(PyFrame_GetCode) X(PyFrame_New) X(PyCode_NewEmpty) X(PyThreadState_Get) X(PyException_GetCause) X(PyException_GetContext) X(PyException_SetCause) X(PyException_SetContext) \
  X(PyImport_ImportModule) X(PyImport_AddModule) X(PyModule_GetDict) X(PyModule_GetNameObject) X(PyCFunction_NewEx) X(PyEval_GetGlobals) X(PyImport_GetModuleDict) X(PyMarshal_ReadObjectFromString) X(PyEval_EvalCode) X(PyDict_DelItem) X(PySys_SetObject) X(PySys_GetObject) X(PyEval_GetBuiltins) \
  X(PyLong_FromLongLong) X(PyLong_AsLongLongAndOverflow) X(_PyLong_Sign) X(_PyLong_NumBits) X(_PyLong_AsByteArray) \
  X(_PyLong_FromByteArray) X(PyFloat_FromDouble) X(PyComplex_FromDoubles) X(PyBool_FromLong) \
  X(PyUnicode_New) X(PyUnicode_FromKindAndData) X(PyUnicode_FromStringAndSize) X(PyUnicode_InternInPlace) X(_PyUnicode_Ready) \
  X(PyUnicode_AsUTF8AndSize) \
  X(PyBytes_FromStringAndSize) X(PyTuple_New) X(PyList_New) X(PyList_Append) X(PyList_SetSlice) X(PyDict_New) X(PyDict_SetItem) \
  X(PyDict_Next) X(PyDict_Size) X(PyDict_GetItemWithError) X(PyDict_Clear) X(PySet_New) X(PyFrozenSet_New) X(PySet_Add) X(PySet_Clear) \
  X(PySet_Size) X(_PySet_NextEntry) X(PySlice_New) \
  X(PyObject_GetAttr) X(PyObject_SetAttr) X(PyObject_GetAttrString) X(PyObject_Vectorcall) X(PyObject_Call) X(PyObject_CallNoArgs) \
  X(PyObject_Repr) X(PyObject_Str) X(PyObject_Hash) X(PyObject_HashNotImplemented) X(PyObject_RichCompare) X(PyObject_IsTrue) \
  X(PyObject_Size) X(PyObject_GetItem) X(PyObject_SetItem) X(PyObject_DelItem) X(PySequence_Contains) X(PySequence_GetItem) \
  X(PyObject_GetIter) X(PyObject_GetBuffer) X(PyBuffer_Release) X(PyObject_GenericGetAttr) X(PyObject_GenericSetAttr) \
  X(PyType_FromSpecWithBases) X(PyType_GenericAlloc) X(PyType_IsSubtype) X(_PyType_Lookup) X(PyMember_GetOne) X(PyType_Ready) X(PyType_Modified) X(PyDescr_NewMethod) X(PyObject_Free) X(PyMem_Free) X(PyOS_Readline) X(_PyObject_New) \
  X(PyInstanceMethod_New) X(PyCallable_Check) \
  X(PyNumber_Add) X(PyNumber_Subtract) X(PyNumber_Multiply) X(PyNumber_Remainder) X(PyNumber_Divmod) X(PyNumber_Power) \
  X(PyNumber_Negative) X(PyNumber_Positive) X(PyNumber_Absolute) X(PyNumber_Invert) X(PyNumber_Lshift) X(PyNumber_Rshift) \
  X(PyNumber_And) X(PyNumber_Xor) X(PyNumber_Or) X(PyNumber_FloorDivide) X(PyNumber_TrueDivide) X(PyNumber_MatrixMultiply) \
  X(PyNumber_Long) X(PyNumber_Float) X(PyNumber_Index) X(PyNumber_InPlaceAdd) X(PyNumber_InPlaceSubtract) \
  X(PyNumber_InPlaceMultiply) X(PyNumber_InPlaceRemainder) X(PyNumber_InPlacePower) X(PyNumber_InPlaceLshift) \
  X(PyNumber_InPlaceRshift) X(PyNumber_InPlaceAnd) X(PyNumber_InPlaceXor) X(PyNumber_InPlaceOr) X(PyNumber_InPlaceFloorDivide) \
  X(PyNumber_InPlaceTrueDivide) X(PySequence_Concat) X(PySequence_Repeat) X(PyGC_Collect) X(PyObject_GC_IsTracked) X(PyObject_SetArenaAllocator)

typedef struct {
#define X(f) __typeof__(&f) _Nonnull f;
  AMPHIS_FUNCTIONS(X)
#undef X
} cpython_api;

static const char *const _Nonnull amphis_api_names[] = {
#define X(f) #f,
  AMPHIS_FUNCTIONS(X)
#undef X
};
static inline long amphis_api_count(void) { return (long)(sizeof amphis_api_names / sizeof amphis_api_names[0]); }
static inline const char *_Nonnull amphis_api_name(long i) { return amphis_api_names[i]; }
static inline int amphis_header_minor(void) { return PY_MINOR_VERSION; }

/// A twin: an object of CPython's that stands for one of ours. `value` is our value's bits.
typedef struct {
  PyObject ob_base;
  uint64_t value;
  /// CPython's weak references to it
  PyObject *_Nullable weakrefs;
} amphis_twin;

/// PyByteArrayObject without its own memory: what it stands for has the bytes.
static inline void amphis_bytearray_point(PyObject *_Nonnull o, char *_Nullable bytes, Py_ssize_t count) {
  PyByteArrayObject *b = (PyByteArrayObject *)o;
  b->ob_bytes = b->ob_start = bytes;
  b->ob_alloc = bytes ? count + 1 : 0;
  ((PyVarObject *)o)->ob_size = bytes ? count : 0;
}
static inline Py_ssize_t amphis_bytearray_exports(PyObject *_Nonnull o) { return ((PyByteArrayObject *)o)->ob_exports; }
static inline void amphis_bytearray_pin(PyObject *_Nonnull o, Py_ssize_t by) { ((PyByteArrayObject *)o)->ob_exports += by; }
static inline void *_Nullable amphis_bytearray_bytes(PyObject *_Nonnull o) { return ((PyByteArrayObject *)o)->ob_bytes; }

static inline void amphis_incref(PyObject *_Nonnull o) { o->ob_refcnt++; }
static inline void amphis_decref(const cpython_api *_Nonnull api, PyObject *_Nonnull o) {
  if (--o->ob_refcnt == 0) api->_Py_Dealloc(o);
}
static inline Py_ssize_t amphis_refcount(PyObject *_Nonnull o) { return o->ob_refcnt; }
static inline PyTypeObject *_Nonnull amphis_type(PyObject *_Nonnull o) { return o->ob_type; }
static inline void amphis_set_type(PyObject *_Nonnull o, PyTypeObject *_Nonnull t) { o->ob_type = t; }
static inline double amphis_float(PyObject *_Nonnull o) { return ((PyFloatObject *)o)->ob_fval; }
static inline void amphis_set_float(PyObject *_Nonnull o, double d) { ((PyFloatObject *)o)->ob_fval = d; }
/// Whether an int has at most two digits of 30 bits, and then its value.
static inline int amphis_int_is_short(PyObject *_Nonnull o) { return ((PyVarObject *)o)->ob_size + 2UL <= 4UL; }
static inline long amphis_short_int(PyObject *_Nonnull o) {
  PyLongObject *n = (PyLongObject *)o;
  switch (((PyVarObject *)o)->ob_size) {
  case 0: return 0;
  case 1: return (long)n->ob_digit[0];
  case -1: return -(long)n->ob_digit[0];
  case 2: return (long)n->ob_digit[0] | (long)n->ob_digit[1] << PyLong_SHIFT;
  default: return -((long)n->ob_digit[0] | (long)n->ob_digit[1] << PyLong_SHIFT);
  }
}
static inline double amphis_complex_real(PyObject *_Nonnull o) { return ((PyComplexObject *)o)->cval.real; }
static inline double amphis_complex_imaginary(PyObject *_Nonnull o) { return ((PyComplexObject *)o)->cval.imag; }
static inline Py_ssize_t amphis_size(PyObject *_Nonnull o) { return ((PyVarObject *)o)->ob_size; }
static inline const char *_Nonnull amphis_bytes(PyObject *_Nonnull o) { return ((PyBytesObject *)o)->ob_sval; }
static inline PyObject *_Nullable amphis_tuple_item(PyObject *_Nonnull o, Py_ssize_t i) { return ((PyTupleObject *)o)->ob_item[i]; }
/// Steals `item`.
static inline void amphis_tuple_set(PyObject *_Nonnull o, Py_ssize_t i, PyObject *_Nullable item) { ((PyTupleObject *)o)->ob_item[i] = item; }
static inline PyObject *_Nullable amphis_list_item(PyObject *_Nonnull o, Py_ssize_t i) { return ((PyListObject *)o)->ob_item[i]; }
/// Steals `item`; the place must be empty.
static inline void amphis_list_set(PyObject *_Nonnull o, Py_ssize_t i, PyObject *_Nullable item) { ((PyListObject *)o)->ob_item[i] = item; }

// Text. `amphis_unicode_ready` must have been called (and answered 0) before the others.
static inline int amphis_unicode_ready(const cpython_api *_Nonnull api, PyObject *_Nonnull o) {
  return ((PyASCIIObject *)o)->state.ready ? 0 : api->_PyUnicode_Ready(o);
}
static inline Py_ssize_t amphis_unicode_length(PyObject *_Nonnull o) { return ((PyASCIIObject *)o)->length; }
static inline int amphis_unicode_kind(PyObject *_Nonnull o) { return ((PyASCIIObject *)o)->state.kind; }
static inline int amphis_unicode_is_ascii(PyObject *_Nonnull o) { return ((PyASCIIObject *)o)->state.ascii; }
static inline int amphis_unicode_is_interned(PyObject *_Nonnull o) { return ((PyASCIIObject *)o)->state.interned; }
static inline void *_Nonnull amphis_unicode_data(PyObject *_Nonnull o) {
  PyASCIIObject *a = (PyASCIIObject *)o;
  if (a->state.compact) return a->state.ascii ? (void *)(a + 1) : (void *)((PyCompactUnicodeObject *)o + 1);
  return ((PyUnicodeObject *)o)->data.any;
}

// A type's slots for numbers; nil without one.
#define AMPHIS_NUMBER(NAME) \
  static inline binaryfunc _Nullable amphis_nb_##NAME(PyTypeObject *_Nonnull t) { return t->tp_as_number ? t->tp_as_number->nb_##NAME : 0; }
AMPHIS_NUMBER(add) AMPHIS_NUMBER(and) AMPHIS_NUMBER(divmod) AMPHIS_NUMBER(floor_divide)
AMPHIS_NUMBER(inplace_add) AMPHIS_NUMBER(inplace_and) AMPHIS_NUMBER(inplace_floor_divide) AMPHIS_NUMBER(inplace_lshift)
AMPHIS_NUMBER(inplace_matrix_multiply) AMPHIS_NUMBER(inplace_multiply) AMPHIS_NUMBER(inplace_or) AMPHIS_NUMBER(inplace_remainder)
AMPHIS_NUMBER(inplace_rshift) AMPHIS_NUMBER(inplace_subtract) AMPHIS_NUMBER(inplace_true_divide) AMPHIS_NUMBER(inplace_xor)
AMPHIS_NUMBER(lshift) AMPHIS_NUMBER(matrix_multiply) AMPHIS_NUMBER(multiply) AMPHIS_NUMBER(or)
AMPHIS_NUMBER(remainder) AMPHIS_NUMBER(rshift) AMPHIS_NUMBER(subtract) AMPHIS_NUMBER(true_divide)
AMPHIS_NUMBER(xor)
#undef AMPHIS_NUMBER

/// The slot for an operator of the evaluator's (`BinaryOp`, from 13 on in place); nil without one, and for powers, which have three operands.
static inline binaryfunc _Nullable amphis_operator(PyTypeObject *_Nonnull t, long number) {
#define AMPHIS_PLACE(NAME) (offsetof(PyNumberMethods, nb_##NAME) / sizeof(binaryfunc))
  static const unsigned char places[26] = {
    AMPHIS_PLACE(add), AMPHIS_PLACE(and), AMPHIS_PLACE(floor_divide), AMPHIS_PLACE(lshift), AMPHIS_PLACE(matrix_multiply),
    AMPHIS_PLACE(multiply), AMPHIS_PLACE(remainder), AMPHIS_PLACE(or), 255, AMPHIS_PLACE(rshift), AMPHIS_PLACE(subtract),
    AMPHIS_PLACE(true_divide), AMPHIS_PLACE(xor), AMPHIS_PLACE(inplace_add), AMPHIS_PLACE(inplace_and),
    AMPHIS_PLACE(inplace_floor_divide), AMPHIS_PLACE(inplace_lshift), AMPHIS_PLACE(inplace_matrix_multiply),
    AMPHIS_PLACE(inplace_multiply), AMPHIS_PLACE(inplace_remainder), AMPHIS_PLACE(inplace_or), 255, AMPHIS_PLACE(inplace_rshift),
    AMPHIS_PLACE(inplace_subtract), AMPHIS_PLACE(inplace_true_divide), AMPHIS_PLACE(inplace_xor)};
#undef AMPHIS_PLACE
  if (!t->tp_as_number || (unsigned long)number >= 26 || places[number] == 255) return 0;
  return ((binaryfunc *)t->tp_as_number)[places[number]];
}

/// Whether weak references to it exist.
static inline int amphis_has_weak_references(PyObject *_Nonnull o) {
  Py_ssize_t offset = o->ob_type->tp_weaklistoffset;
  return offset > 0 && *(PyObject **)((char *)o + offset) != 0;
}
/// Whether nobody can tell when the object ends: numbers that refer to nothing.
static inline int amphis_ends_unnoticed(PyObject *_Nonnull o) {
  PyTypeObject *t = o->ob_type;
  return t->tp_as_number && !(t->tp_flags & (Py_TPFLAGS_HAVE_GC | Py_TPFLAGS_HEAPTYPE)) && !t->tp_finalize && !t->tp_del && t->tp_weaklistoffset <= 0;
}

/// A bytes object around bytes that a 0 follows: its header goes into the 32 bytes before them. One reference.
static inline PyObject *_Nonnull amphis_bytes_around(void *_Nonnull bytes, Py_ssize_t count, PyTypeObject *_Nonnull type) {
  _Static_assert(offsetof(PyBytesObject, ob_sval) == 32, "the header of bytes has changed");
  PyBytesObject *b = (PyBytesObject *)((char *)bytes - offsetof(PyBytesObject, ob_sval));
  ((PyObject *)b)->ob_refcnt = 1;
  ((PyObject *)b)->ob_type = type;
  ((PyVarObject *)b)->ob_size = count;
  b->ob_shash = -1;
  return (PyObject *)b;
}

/// Attributes that a type's own descriptors answer for, whatever the instance: 1 a getter, 2 a member, 0 anything else.
static inline int amphis_attribute_kind(PyObject *_Nonnull d, PyTypeObject *_Nonnull getter, PyTypeObject *_Nonnull member) {
  if (d->ob_type == getter && ((PyGetSetDescrObject *)d)->d_getset->get) return 1;
  return d->ob_type == member ? 2 : 0;
}
static inline void *_Nonnull amphis_getter_code(PyObject *_Nonnull d) { return (void *)((PyGetSetDescrObject *)d)->d_getset->get; }
static inline void *_Nullable amphis_getter_closure(PyObject *_Nonnull d) { return ((PyGetSetDescrObject *)d)->d_getset->closure; }
static inline PyMemberDef *_Nonnull amphis_member(PyObject *_Nonnull d) { return ((PyMemberDescrObject *)d)->d_member; }
/// 0: the type has none now.
static inline unsigned amphis_type_version(PyTypeObject *_Nonnull t) {
  return t->tp_flags & Py_TPFLAGS_VALID_VERSION_TAG ? t->tp_version_tag : 0;
}

// Traceback entries and what they show.
static inline PyObject *_Nullable amphis_traceback_next(PyObject *_Nonnull t) { return (PyObject *)((PyTracebackObject *)t)->tb_next; }
static inline PyFrameObject *_Nonnull amphis_traceback_frame(PyObject *_Nonnull t) { return ((PyTracebackObject *)t)->tb_frame; }
static inline long amphis_traceback_line(PyObject *_Nonnull t) { return ((PyTracebackObject *)t)->tb_lineno; }
static inline PyObject *_Nonnull amphis_code_file(PyCodeObject *_Nonnull c) { return c->co_filename; }
static inline PyObject *_Nonnull amphis_code_name(PyCodeObject *_Nonnull c) { return c->co_name; }
/// Whether a frame of it may have variables. `PyCode_NewEmpty`, with which C code names places of its own, makes one of three units.
static inline int amphis_code_has_variables(PyCodeObject *_Nonnull c) { return c->co_nlocalsplus > 0 || ((PyVarObject *)c)->ob_size > 3; }

static inline void *_Nonnull amphis_unicode_ascii(PyObject *_Nonnull o) { return (PyASCIIObject *)o + 1; }

static inline int amphis_type_has(PyTypeObject *_Nonnull t, unsigned long flag) { return (t->tp_flags & flag) != 0; }
static inline int amphis_is_exception(PyObject *_Nonnull o) { return (o->ob_type->tp_flags & Py_TPFLAGS_BASE_EXC_SUBCLASS) != 0; }
static inline int amphis_is_type(PyObject *_Nonnull o) { return (o->ob_type->tp_flags & Py_TPFLAGS_TYPE_SUBCLASS) != 0; }
#define AMPHIS_IS(NAME, FLAG) \
  static inline int amphis_type_is_##NAME(PyTypeObject *_Nonnull t) { return (t->tp_flags & (FLAG)) != 0; }
AMPHIS_IS(exception, Py_TPFLAGS_BASE_EXC_SUBCLASS)
AMPHIS_IS(heap, Py_TPFLAGS_HEAPTYPE)
static inline int amphis_type_is_mutable(PyTypeObject *_Nonnull t) {
  return (t->tp_flags & Py_TPFLAGS_HEAPTYPE) != 0 && (t->tp_flags & Py_TPFLAGS_IMMUTABLETYPE) == 0;
}
AMPHIS_IS(base, Py_TPFLAGS_BASETYPE)
AMPHIS_IS(long, Py_TPFLAGS_LONG_SUBCLASS)
AMPHIS_IS(unicode, Py_TPFLAGS_UNICODE_SUBCLASS)
AMPHIS_IS(method_descriptor, Py_TPFLAGS_METHOD_DESCRIPTOR)
AMPHIS_IS(sequence, Py_TPFLAGS_SEQUENCE)
AMPHIS_IS(mapping, Py_TPFLAGS_MAPPING)
#undef AMPHIS_IS

/// Borrowed, or nil; no exception is set.
static inline PyObject *_Nullable amphis_dict_get(const cpython_api *_Nonnull api, PyObject *_Nonnull dict, const char *_Nonnull key) {
  PyObject *k = api->PyUnicode_FromStringAndSize(key, (Py_ssize_t)__builtin_strlen(key));
  if (!k) { api->PyErr_Clear(); return 0; }
  PyObject *v = api->PyDict_GetItemWithError(dict, k);
  if (!v) api->PyErr_Clear();
  if (--k->ob_refcnt == 0) api->_Py_Dealloc(k);
  return v;
}
static inline Py_ssize_t amphis_dict_count(PyObject *_Nonnull o) { return ((PyDictObject *)o)->ma_used; }
/// Changes whenever the dict does.
static inline uint64_t amphis_dict_version(PyObject *_Nonnull o) { return ((PyDictObject *)o)->ma_version_tag; }
static inline PyObject *_Nullable amphis_function_self(PyObject *_Nonnull o) {
  PyCFunctionObject *f = (PyCFunctionObject *)o;
  return f->m_ml->ml_flags & METH_STATIC ? 0 : f->m_self;
}
static inline PyMethodDef *_Nonnull amphis_function_definition(PyObject *_Nonnull o) { return ((PyCFunctionObject *)o)->m_ml; }
static inline void *_Nonnull amphis_definition_code(const PyMethodDef *_Nonnull d) { return (void *)d->ml_meth; }
/// How its C function is called: METH_VARARGS, METH_KEYWORDS, METH_NOARGS, METH_O, METH_FASTCALL and METH_METHOD, without the rest.
static inline int amphis_definition_kind(const PyMethodDef *_Nonnull d) {
  return d->ml_flags & (METH_VARARGS | METH_KEYWORDS | METH_NOARGS | METH_O | METH_FASTCALL | METH_METHOD);
}
static inline PyObject *_Nullable amphis_function_module(PyObject *_Nonnull o) { return ((PyCFunctionObject *)o)->m_module; }
static inline const char *_Nonnull amphis_function_name(PyObject *_Nonnull o) { return ((PyCFunctionObject *)o)->m_ml->ml_name; }

/// The type that a method or slot descriptor belongs to; nil for any other object.
static inline PyTypeObject *_Nullable amphis_descriptor_owner(
  PyObject *_Nonnull o, PyTypeObject *_Nonnull method, PyTypeObject *_Nonnull wrapper, PyTypeObject *_Nonnull class_method) {
  PyTypeObject *t = o->ob_type;
  return t == method || t == wrapper || t == class_method ? ((PyDescrObject *)o)->d_type : 0;
}
/// The function of a method descriptor, for an object of its type; nil for another object.
static inline const PyMethodDef *_Nullable amphis_descriptor_method(PyObject *_Nonnull d, PyObject *_Nonnull o) {
  const PyTypeObject *type = o->ob_type;
  while (type && type != ((PyDescrObject *)d)->d_type) type = type->tp_base;
  return type ? ((PyMethodDescrObject *)d)->d_method : 0;
}
/// The same for any object.
static inline const PyMethodDef *_Nonnull amphis_descriptor_definition(PyObject *_Nonnull d) { return ((PyMethodDescrObject *)d)->d_method; }
/// The type that has the method.
static inline PyTypeObject *_Nonnull amphis_descriptor_type(PyObject *_Nonnull d) { return ((PyDescrObject *)d)->d_type; }
static inline PyObject *_Nullable amphis_descriptor_name(PyObject *_Nonnull o) { return ((PyDescrObject *)o)->d_name; }

/// Runs start.py in the dict of `__amphis__`. -1: an exception is set. (`Library.run` needs more of the bridge than there is yet.)
static inline int amphis_run_start(const cpython_api *_Nonnull api) {
  PyObject *module = api->PyImport_AddModule("__amphis__"), *builtins = api->PyEval_GetBuiltins();
  PyObject *dict = module ? api->PyModule_GetDict(module) : 0, *key = api->PyUnicode_FromStringAndSize("__builtins__", 12);
  if (!dict || !builtins || !key) return -1;
  int failed = api->PyDict_SetItem(dict, key, builtins);
  amphis_decref(api, key);
  long size = 0;
  const char *bytes = amphis_code_start(&size);
  PyObject *code = failed ? 0 : api->PyMarshal_ReadObjectFromString(bytes, size);
  if (!code) return -1;
  PyObject *result = api->PyEval_EvalCode(code, dict, dict);
  amphis_decref(api, code);
  if (result) amphis_decref(api, result);
  return result ? 0 : -1;
}

/// Calls a function of start.py. -1: an exception is set.
static inline int amphis_call_start(const cpython_api *_Nonnull api, const char *_Nonnull name) {
  PyObject *module = api->PyImport_AddModule("__amphis__"), *function = module ? api->PyObject_GetAttrString(module, name) : 0;
  if (!function) return -1;
  PyObject *result = api->PyObject_CallNoArgs(function);
  amphis_decref(api, function);
  if (result) amphis_decref(api, result);
  return result ? 0 : -1;
}

/// The result of starting libpython: nil, or what went wrong.
static inline const char *_Nullable amphis_start(const cpython_api *_Nonnull api, const wchar_t *_Nullable home, unsigned long hash_seed) {
  PyConfig config;
  api->PyConfig_InitIsolatedConfig(&config);
  config.site_import = 0;
  config.install_signal_handlers = 0;
  config.configure_c_stdio = 0;
  config.buffered_stdio = 1;
  config.parse_argv = 0;
  config.pathconfig_warnings = 0;
  // Hashes of strs and bytes are the same on both sides.
  config.use_hash_seed = 1;
  config.hash_seed = hash_seed;
  PyStatus status = {0};
  // Text for the system is UTF-8 with surrogateescape whatever the locale, as it is in our own `posix`.
  PyPreConfig preconfig;
  api->PyPreConfig_InitIsolatedConfig(&preconfig);
  preconfig.utf8_mode = 1;
  status = api->Py_PreInitialize(&preconfig);
  if (api->PyStatus_Exception(status)) return status.err_msg ? status.err_msg : "pre-initialisation failed";
  if (home) {
    status = api->PyConfig_SetString(&config, &config.home, home);
    if (api->PyStatus_Exception(status)) return status.err_msg ? status.err_msg : "bad home";
  }
  // In two halves: the second takes as long as the first, for what few C modules ask for (Tools/bridge/start.py).
  config._init_main = 0;
  status = api->Py_InitializeFromConfig(&config);
  api->PyConfig_Clear(&config);
  if (api->PyStatus_Exception(status)) return status.err_msg ? status.err_msg : "initialisation failed";
  if (amphis_run_start(api) != 0) return "its builtin modules cannot be imported";
  status = api->_Py_InitializeMain();
  if (api->PyStatus_Exception(status)) return status.err_msg ? status.err_msg : "initialisation failed half-way";
  if (amphis_call_start(api, "_started") != 0) return "it cannot be told where its files lie";
  return 0;
}

/// File of the library that holds `address`, or nil. (The system's Swift module has no dladdr.)
typedef struct {
  const char *_Nullable file;
  void *_Nullable base;
  const char *_Nullable symbol;
  void *_Nullable address;
} amphis_dl_info;
extern int dladdr(const void *_Nonnull address, amphis_dl_info *_Nonnull info);
#endif
