#ifndef AMPHIS_CPYTHON_SHIM_H
#define AMPHIS_CPYTHON_SHIM_H
// <sys/select.h> first: debug builds that import Glibc as well fail without it.
#include <sys/select.h>
#define PY_SSIZE_T_CLEAN
#if __has_include(<Python.h>)
#include <Python.h>
#include <structmember.h>
#include <frameobject.h>
#elif __has_include(<python3.11/Python.h>)
#include <python3.11/Python.h>
#include <python3.11/structmember.h>
#include <python3.11/frameobject.h>
#else
#error "Python.h was not found: install libpython3-dev (Debian) or set PKG_CONFIG_PATH"
#endif
#endif
