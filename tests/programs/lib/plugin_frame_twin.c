/* SPDX-License-Identifier: MIT */
/* A library for dlopen_again.c: plugin_frame_small.c by another name. */
#define FRAME_BYTES 136
#include "plugin_frame.h"
