#ifndef AMPHIS_CEXPAT_SHIM_H
#define AMPHIS_CEXPAT_SHIM_H
#include <stddef.h>
#include <expat.h>
#endif
