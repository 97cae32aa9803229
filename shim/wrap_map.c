/* SPDX-License-Identifier: MIT */
/*
 * The wrappers of maps.def: each is a bracket around the real call.
 */
#include "wrap.h"

#include "bracket.h"

/* The words of the table's columns. */
static const struct key no_key;
static const struct key unknown_key = { .kind = KEY_UNKNOWN };

static struct key string(const char *s)
{
	return (struct key){ s ? KEY_STRING : KEY_UNKNOWN, s };
}

static struct key of_table(const void *key)
{
	return (struct key){ KEY_OF_TABLE, key };
}

static struct key iterator(const void *iter)
{
	return (struct key){ KEY_ITERATOR, iter };
}

static const struct bracket_told nothing;

static struct bracket_told was_there(bool it_was)
{
	return (struct bracket_told){ .flags = it_was ? CMSHIM_HIT
						      : CMSHIM_MISS };
}

static struct bracket_told count(uint64_t n)
{
	return (struct bracket_told){ .has_count = true, .count = n };
}

#define is_new(r)  was_there(!(r))
#define perhaps(r) ((r) ? was_there(true) : nothing)

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
	return ((uint64_t)(uintptr_t)root * 0x9e3779b97f4a7c15u >> 36) %
	       (sizeof(roots) / sizeof(roots[0]));
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

static void after(const struct bracket *b, bool inside,
		  struct bracket_told told)
{
	if (has_variable(b->call))
		remember_root((void *const *)(uintptr_t)b->map);
	if (inside)
		bracket_exit(b, told);
}

#define ACCESS(id, ret, name, params, args, map, key, access, tells, family) \
	EXPORT ret name params                                               \
	{                                                                    \
		BRACKET(id, map, key, access, family);                       \
		bool inside = bracket_enter(&b);                             \
		ret r = PASS(name, args);                                    \
                                                                             \
		after(&b, inside, tells);                                    \
		return r;                                                    \
	}

#define ACCESS_PROC(id, name, params, args, map, key, access, tells, family) \
	EXPORT void name params                                              \
	{                                                                    \
		BRACKET(id, map, key, access, family);                       \
		bool inside = bracket_enter(&b);                             \
                                                                             \
		if (REAL_IS_THERE(name))                                     \
			real.name args;                                      \
		after(&b, inside, tells);                                    \
	}

/* One definition for each access of the table that is not only a word. */
#define BRACKET_UPSERT (action == ENTER ? BRACKET_WRITE : BRACKET_READ)
#define CALL_READ      ACCESS
#define CALL_WRITE     ACCESS
#define CALL_REMOVE    ACCESS
#define CALL_NEXT      ACCESS
#define CALL_UPSERT    ACCESS
#define PROC_READ      ACCESS_PROC
#define PROC_WRITE     ACCESS_PROC
#define PROC_REMOVE    ACCESS_PROC

#define CALL_NEW(id, ret, name, params, args, map, key, access, tells, family) \
	EXPORT ret name params                                                 \
	{                                                                      \
		ret r = PASS(name, args);                                      \
		BRACKET(id, r, no_key, BRACKET_WRITE, family);                 \
                                                                               \
		keys_learn(r, key);                                            \
		bracket_new(&b);                                               \
		return r;                                                      \
	}

#define CALL_FRESH(id, ret, name, params, args, map, key, access, tells,   \
		   family)                                                 \
	EXPORT ret name params                                             \
	{                                                                  \
		ret r = PASS(name, args);                                  \
		BRACKET(id, r ? (map) : NULL, key, BRACKET_WRITE, family); \
                                                                           \
		bracket_new(&b);                                           \
		return r;                                                  \
	}

#define PROC_FREE(id, name, params, args, map, key, access, tells, family) \
	EXPORT void name params                                            \
	{                                                                  \
		BRACKET(id, map, key, BRACKET_WRITE, family);              \
                                                                           \
		bracket_free(&b);                                          \
		if (REAL_IS_THERE(name))                                   \
			real.name args;                                    \
	}

#define MAP_CALL(id, ret, name, params, args, map, key, access, tells, family) \
	CALL_##access(id, ret, name, params, args, map, key, BRACKET_##access, \
		      tells, family)
#define MAP_PROC(id, name, params, args, map, key, access, tells, family) \
	PROC_##access(id, name, params, args, map, key, BRACKET_##access, \
		      tells, family)

#include "maps.def"
