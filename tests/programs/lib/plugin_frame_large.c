/* SPDX-License-Identifier: MIT */
/* A library for dlopen_again.c. */
#define FRAME_BYTES 2056
#include "plugin_frame.h"
