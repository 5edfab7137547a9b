#ifndef AMPHIS_CZLIB_SHIM_H
#define AMPHIS_CZLIB_SHIM_H
#include <zlib.h>
#endif
