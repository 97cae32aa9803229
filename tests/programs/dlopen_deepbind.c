/* SPDX-License-Identifier: MIT */
/*
 * Libraries whose calls do not come by us: one that is bound to libc first
 * (RTLD_DEEPBIND), and one in a namespace with a libc of its own (dlmopen).
 * Both work as ever.  What they lock is not seen; what the program does when
 * they call it back is, in threads of that other libc too.
 *
 * build: -pthread -ldl
 * expect: nothing
 */
#include "plugin.h"

static pthread_mutex_t first = PTHREAD_MUTEX_INITIALIZER;
static pthread_mutex_t second = PTHREAD_MUTEX_INITIALIZER;
static pthread_mutex_t own = PTHREAD_MUTEX_INITIALIZER;
static int calls;

static void called_back(void)
{
	pthread_mutex_lock(&own);
	calls++;
	pthread_mutex_unlock(&own);
}

static void *body(void *unused)
{
	called_back();
	return unused;
}

static void use(void *library)
{
	void (*take)(pthread_mutex_t *, pthread_mutex_t *, void (*)(void));

	*(void **)&take = plugin_symbol(library, "plugin_take");
	for (int i = 0; i < 100; i++)
		take(&first, &second, called_back);
	for (int i = 0; i < 100; i++)
		take(&second, &first, called_back);
	SHOW(calls);
}

int main(void)
{
	int (*create)(pthread_t *, const pthread_attr_t *, void *(*)(void *),
		      void *);
	int (*join)(pthread_t, void **);
	void *other;
	pthread_t t;

	use(plugin_open_with("plugin_orders", RTLD_NOW | RTLD_DEEPBIND));
	other = plugin_open_in("plugin_orders", LM_ID_NEWLM);
	use(other);
	*(void **)&create = plugin_symbol(other, "pthread_create");
	*(void **)&join = plugin_symbol(other, "pthread_join");
	IS(0, create(&t, NULL, body, NULL));
	IS(0, join(t, NULL));
	SHOW(calls);
	IS(0, dlclose(other));
	return 0;
}
