/* SPDX-License-Identifier: MIT */
/* See origin.h. */
#include "world/origin.h"

#include <string.h>

/* Beginnings of the names of files whose functions are the outermost frames
   of threads: the C and C++ libraries', GLib's, our own. */
static const char *const beginnings[] = {
	"libc.so",   "libpthread",     "libstdc++.so",
	"libc++.so", "libglib-2.0.so", "libcmshim.so",
};

enum { CALLER_FRAMES = 4, OWN_FRAMES = 8 };

size_t origin_module(const struct trace_info *info, uint64_t address,
		     uint32_t epoch)
{
	size_t i;

	for (i = 0; i < info->n_modules; i++) {
		const struct module_info *m = &info->modules[i];

		if (m->first <= address && address < m->end &&
		    m->since <= epoch && epoch < m->gone)
			break;
	}
	return i;
}

/* A return address may be the first byte after the file's last. */
static const struct module_info *caller_in(const struct trace_info *info,
					   const struct stack_info *s,
					   uint32_t frame)
{
	size_t i = origin_module(info, s->frames[frame] - 1, s->epoch);

	return i < info->n_modules ? &info->modules[i] : NULL;
}

static bool begins_threads(const struct module_info *m)
{
	const char *slash = m->path ? strrchr(m->path, '/') : NULL;
	const char *name = slash ? slash + 1 : m->path;

	for (size_t i = 0; i < sizeof(beginnings) / sizeof(beginnings[0]); i++)
		if (name &&
		    strncmp(name, beginnings[i], strlen(beginnings[i])) == 0)
			return true;
	return false;
}

/* The file that the call was made in, unless it is the program's own. */
static const struct module_info *library_of(const struct trace_info *info,
					    const struct stack_info *s)
{
	const struct module_info *m =
		s->n_frames ? caller_in(info, s, 0) : NULL;

	if (m && m->path && strcmp(m->path, info->header->program) == 0)
		return NULL;
	return m;
}

uint32_t origin_place(const struct trace_info *info, uint32_t stack)
{
	const struct stack_info *s = &info->stacks[stack];
	const struct module_info *library = library_of(info, s);
	uint32_t n = 0, most = OWN_FRAMES;

	while (library && n < s->n_frames && caller_in(info, s, n) == library)
		n++;
	if (library)
		most = n + CALLER_FRAMES;
	while (n < s->n_frames && n < most &&
	       (!library || caller_in(info, s, n) != library))
		n++;
	return n;
}

bool origin_is_library(const struct trace_info *info, uint32_t stack)
{
	const struct stack_info *s = &info->stacks[stack];
	const struct module_info *library = library_of(info, s);

	if (!library)
		return false;
	for (uint32_t i = 1; i < s->n_frames; i++) {
		const struct module_info *m = caller_in(info, s, i);

		if (!m || (m != library && !begins_threads(m)))
			return false;
	}
	return true;
}
