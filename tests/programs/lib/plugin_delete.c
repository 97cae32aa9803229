/* SPDX-License-Identifier: MIT */
/*
 * A library that brings operator new and delete, of memory that no other
 * delete knows; called as C++ would, by their names.
 */
#include <stddef.h>

void *_Znwm(size_t n);
void _ZdlPv(void *p);
int plugin_use(void);

static struct {
	size_t align;
	char memory[64];
} block;

static int n_out;

void *_Znwm(size_t n)
{
	n_out++;
	return n <= sizeof(block.memory) ? block.memory : NULL;
}

void _ZdlPv(void *p)
{
	n_out -= p == block.memory;
}

/* How many blocks are left when all were given back. */
int plugin_use(void)
{
	for (int i = 0; i < 10; i++)
		_ZdlPv(_Znwm(16));
	return n_out;
}
