/* SPDX-License-Identifier: MIT */
/*
 * The wrappers of maps.def: each is a bracket around the real call.
 */
#include "wrap.h"

#include "bracket.h"
#include "process.h"

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
 * points to it.  Which one, is remembered from the last call that saw it.  A
 * root that is not known leaves the call unrecorded, and so does one that the
 * variable does not lead to any more: who has taken a tree out is alone with
 * it, while others may fill the variable again.
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
	void *variable = (void *)atomic_load(&roots[at].variable);
	const void *now;

	if (!root || atomic_load(&roots[at].root) != root)
		return NULL;
	/* It may have been gone for long. */
	if (!process_copy(&now, variable, sizeof(now)) || now != root)
		return NULL;
	return variable;
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

/*
 * A tree whose root is NULL begins anew, if it was one before.  A table of
 * hsearch_r(3) has none after hdestroy_r(3), so one that has was assigned to:
 * the way to make it larger.
 */
static enum bracket_look look_at(unsigned call, const volatile void *map)
{
	void *const volatile *first = (void *const volatile *)map;

	if (map && has_variable(call) && !*first)
		return BRACKET_EMPTY;
	if (map && call == CALL_hsearch_r && *first)
		return BRACKET_FILLED;
	return BRACKET_NO_LOOK;
}

#define CALL_OF(id, map, access_, family_)             \
	((struct bracket_call){                        \
		.call = { .op = (uint8_t)(access_),    \
			  .family = (family_),         \
			  .number = (id) },            \
		.flags = (access_) >> 8,               \
		.look = (uint8_t)look_at((id), (map)), \
	})

/* Not around the real call, so that no value has to be kept over it but the
   result, which says what is told. */
#define AFTER(id, map, inside, tells)                                   \
	do {                                                            \
		if (has_variable(id))                                   \
			remember_root((void *const *)(uintptr_t)(map)); \
		if (inside)                                             \
			bracket_exit(FRAME, tells);                     \
	} while (0)

#define ACCESS(id, ret, name, params, args, map, key, access, tells, family)   \
	EXPORT ret name params                                                 \
	{                                                                      \
		bool inside = bracket_enter(FRAME, map, key,                   \
					    CALL_OF(id, map, access, family)); \
		ret r = PASS(name, args);                                      \
                                                                               \
		AFTER(id, map, inside, tells);                                 \
		return r;                                                      \
	}

#define ACCESS_PROC(id, name, params, args, map, key, access, tells, family)   \
	EXPORT void name params                                                \
	{                                                                      \
		bool inside = bracket_enter(FRAME, map, key,                   \
					    CALL_OF(id, map, access, family)); \
                                                                               \
		if (REAL_IS_THERE(name))                                       \
			real.name args;                                        \
		AFTER(id, map, inside, tells);                                 \
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
                                                                               \
		keys_learn(r, key);                                            \
		bracket_new(FRAME, r, CALL_OF(id, r, BRACKET_WRITE, family));  \
		return r;                                                      \
	}

#define CALL_FRESH(id, ret, name, params, args, map, key, access, tells, \
		   family)                                               \
	EXPORT ret name params                                           \
	{                                                                \
		ret r = PASS(name, args);                                \
                                                                         \
		bracket_new(FRAME, r ? (map) : NULL,                     \
			    CALL_OF(id, map, BRACKET_WRITE, family));    \
		return r;                                                \
	}

#define PROC_FREE(id, name, params, args, map, key, access, tells, family) \
	EXPORT void name params                                            \
	{                                                                  \
		bracket_free(FRAME, map,                                   \
			     CALL_OF(id, map, BRACKET_WRITE, family));     \
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
