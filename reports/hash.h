/* SPDX-License-Identifier: MIT */
/*
 * FNV-1a, 64 bits: the same in every process, so that what is made of it may
 * be compared between reports.  Begins with HASH_BEGIN, or with anything.
 */
#ifndef REPORTS_HASH_H
#define REPORTS_HASH_H

#include <stddef.h>
#include <stdint.h>

#define HASH_BEGIN 0xcbf29ce484222325u

static inline uint64_t hash_number(uint64_t hash, uint64_t number)
{
	return (hash ^ number) * 0x100000001b3u;
}

static inline uint64_t hash_bytes(uint64_t hash, const char *bytes, size_t n)
{
	for (size_t i = 0; i < n; i++)
		hash = hash_number(hash, (uint8_t)bytes[i]);
	return hash;
}

#endif
