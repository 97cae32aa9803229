/* SPDX-License-Identifier: MIT */
/* See kin.h. */
#include "world/kin.h"

bool kin_is_variable(const struct trace_info *info, uint32_t object)
{
	uint64_t address = info->objects[object].address;

	for (size_t i = 0; i < info->n_modules; i++)
		if (address >= info->modules[i].first &&
		    address < info->modules[i].end)
			return true;
	return false;
}

uint64_t kin_of(const struct trace_info *info, uint32_t object)
{
	uint64_t kin = kin_by_place(info, object);

	return kin != object && kin_is_variable(info, object) ? object : kin;
}

uint64_t kin_by_place(const struct trace_info *info, uint32_t object)
{
	const struct object_info *o = &info->objects[object];

	return o->stack ? 1ull << 32 | o->stack : object;
}

uint32_t kin_classes(const struct trace_info *info)
{
	uint32_t classes = 0;

	for (size_t i = 1; i < info->n_objects; i++)
		classes |= 1u << info->objects[i].class;
	return classes;
}

bool kin_is_lock(const struct trace_info *info, uint32_t object)
{
	uint32_t class = info->objects[object].class;

	return class == CMSHIM_MUTEX || class == CMSHIM_RWLOCK ||
	       class == CMSHIM_SPINLOCK;
}
