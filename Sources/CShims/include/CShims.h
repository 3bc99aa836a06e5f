// What Swift cannot call: macros, variadics and calls that its Glibc overlay does not show.
#pragma once
#include "shims_io.h"
#include "shims_net.h"
#include "shims_zlib.h"
#include "shims_process.h"
