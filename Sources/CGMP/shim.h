#ifndef AMPHIS_CGMP_SHIM_H
#define AMPHIS_CGMP_SHIM_H
#include <stddef.h>
#include <gmp.h>
#endif
