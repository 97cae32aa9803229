/* SPDX-License-Identifier: MIT */
/*
 * The wrappers of maps.def: each is a bracket around the real call.
 */
#include "wrap.h"

#include "bracket.h"

static uint64_t hash_number(uint64_t n)
{
	/* 28 bits: four bytes as a varint.  0 stands for no key. */
	return ((n * 0x9e3779b97f4a7c15u) >> 36) | 1;
}

static uint64_t hash_pointer(const void *key)
{
	return hash_number((uint64_t)(uintptr_t)key);
}

/* Of a key's first bytes: a map call must not cost what a long key does. */
static uint64_t hash_string(const char *key)
{
	uint64_t h = 0;

	for (int i = 0; key && key[i] && i < 64; i++)
		h = (h ^ (unsigned char)key[i]) * 0x100000001b3u;
	return hash_number(h);
}

/* hsearch(3) has one table and no name for it. */
static char the_hsearch_table;

/*
 * twalk() and tdestroy() are given a root, the other calls a variable that
 * points to it.  Which one, is remembered from the last call that saw it; a
 * root that is not known leaves the call unrecorded.
 */
static struct {
	_Atomic(const void *) root;
	void *_Atomic *_Atomic variable;
} roots[1024];

static size_t root_place(const void *root)
{
	return hash_pointer(root) % (sizeof(roots) / sizeof(roots[0]));
}

static void *tree_of(const void *root)
{
	size_t at = root_place(root);

	if (!root || atomic_load(&roots[at].root) != root)
		return NULL;
	return (void *)atomic_load(&roots[at].variable);
}

static void remember_root(void *const *variable)
{
	const void *root = variable ? *variable : NULL;
	size_t at = root_place(root);

	if (!root || (atomic_load(&roots[at].root) == root &&
		      atomic_load(&roots[at].variable) == (void *)variable))
		return;
	atomic_store(&roots[at].root, NULL);
	atomic_store(&roots[at].variable, (void *)variable);
	atomic_store(&roots[at].root, root);
}

/*
 * A GHashTableIter knows its table: the first member, which glib's macros'
 * users compile in the size of, and g_hash_table_iter_get_hash_table()
 * returns.
 */
static void *table_of_iter(void *const *iter)
{
	return iter ? *iter : NULL;
}

/* Whether the call was given the variable: that of a bare root may have been
   gone for long, and is not looked at. */
static bool has_variable(unsigned call)
{
	return call == CALL_tsearch || call == CALL_tfind ||
	       call == CALL_tdelete;
}

/* A tree whose root is NULL begins anew, if it was one before. */
static bool is_empty_tree(unsigned call, const volatile void *map)
{
	return has_variable(call) && map && !*(void *const volatile *)map;
}

#define BRACKET(id, map_, key_, access_, family_)   \
	const struct bracket b = {                  \
		.frame = FRAME,                     \
		.map = (map_),                      \
		.key = (key_),                      \
		.call = (id),                       \
		.family = (family_),                \
		.access = (access_),                \
		.empty = is_empty_tree(id, (map_)), \
	}

static void after(const struct bracket *b, bool inside)
{
	if (has_variable(b->call))
		remember_root((void *const *)(uintptr_t)b->map);
	if (inside)
		bracket_exit(b);
}

#define ACCESS(id, ret, name, params, args, map, key, access, family) \
	EXPORT ret name params                                        \
	{                                                             \
		BRACKET(id, map, key, access, family);                \
		bool inside = bracket_enter(&b);                      \
		ret r = PASS(name, args);                             \
                                                                      \
		after(&b, inside);                                    \
		return r;                                             \
	}

#define ACCESS_PROC(id, name, params, args, map, key, access, family) \
	EXPORT void name params                                       \
	{                                                             \
		BRACKET(id, map, key, access, family);                \
		bool inside = bracket_enter(&b);                      \
                                                                      \
		if (REAL_IS_THERE(name))                              \
			real.name args;                               \
		after(&b, inside);                                    \
	}

/* One definition for each access of the table. */
#define CALL_READ(id, ret, name, params, args, map, key, family) \
	ACCESS(id, ret, name, params, args, map, key, BRACKET_READ, family)
#define CALL_WRITE(id, ret, name, params, args, map, key, family) \
	ACCESS(id, ret, name, params, args, map, key, BRACKET_WRITE, family)
#define CALL_NEXT(id, ret, name, params, args, map, key, family) \
	ACCESS(id, ret, name, params, args, map, key, BRACKET_NEXT, family)
#define CALL_UPSERT(id, ret, name, params, args, map, key, family) \
	ACCESS(id, ret, name, params, args, map, key,              \
	       action == ENTER ? BRACKET_WRITE : BRACKET_READ, family)
#define PROC_READ(id, name, params, args, map, key, family) \
	ACCESS_PROC(id, name, params, args, map, key, BRACKET_READ, family)
#define PROC_WRITE(id, name, params, args, map, key, family) \
	ACCESS_PROC(id, name, params, args, map, key, BRACKET_WRITE, family)

#define CALL_NEW(id, ret, name, params, args, map, key, family) \
	EXPORT ret name params                                  \
	{                                                       \
		ret r = PASS(name, args);                       \
		BRACKET(id, r, 0, BRACKET_WRITE, family);       \
                                                                \
		bracket_new(&b);                                \
		return r;                                       \
	}

#define CALL_FRESH(id, ret, name, params, args, map, key, family)        \
	EXPORT ret name params                                           \
	{                                                                \
		ret r = PASS(name, args);                                \
		BRACKET(id, r ? (map) : NULL, 0, BRACKET_WRITE, family); \
                                                                         \
		bracket_new(&b);                                         \
		return r;                                                \
	}

#define PROC_FREE(id, name, params, args, map, key, family) \
	EXPORT void name params                             \
	{                                                   \
		BRACKET(id, map, 0, BRACKET_WRITE, family); \
                                                            \
		bracket_free(&b);                           \
		if (REAL_IS_THERE(name))                    \
			real.name args;                     \
	}

#define MAP_CALL(id, ret, name, params, args, map, key, access, family) \
	CALL_##access(id, ret, name, params, args, map, key, family)
#define MAP_PROC(id, name, params, args, map, key, access, family) \
	PROC_##access(id, name, params, args, map, key, family)

#include "maps.def"
