/* SPDX-License-Identifier: MIT */
/*
 * Where a library was unloaded another one is loaded, with the same code but
 * for the size of a frame, or with the same code: stacks through it are not
 * cut short, and it is known by its own name.  It is found by a link that is no
 * more when the trace is read.
 *
 * build: -pthread -ldl
 * expect: lock-exit-held
 * says: plugin_lock (plugin_frame_twin.so)
 */
#include "plugin.h"

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static int (*take)(pthread_mutex_t *);

static void *open_by_link(const char *name)
{
	char folder[] = "/tmp/cmshim-test-XXXXXX", link[sizeof(folder) + 2];
	void *library;

	must(mkdtemp(folder) != NULL, "make a folder");
	snprintf(link, sizeof(link), "%s/x", folder);
	IS(0, symlink(plugin_path(name), link));
	library = dlopen(link, RTLD_NOW | RTLD_LOCAL);
	must(library != NULL, "load the library");
	IS(0, unlink(link));
	IS(0, rmdir(folder));
	*(void **)&take = plugin_symbol(library, "plugin_lock");
	return library;
}

/* One more than an even number: the last one is where the first one was. */
enum { TIMES = 21 };

static void *hold(void *unused)
{
	int (*before)(pthread_mutex_t *) = NULL;

	for (int i = 0; i < TIMES; i++) {
		void *library =
			open_by_link(i + 1 == TIMES ? "plugin_frame_twin"
				     : i % 2	    ? "plugin_frame_large"
						    : "plugin_frame_small");

		must(!before || before == take, "load it where one was");
		before = take;
		IS(0, take(&lock));
		if (i + 1 == TIMES)
			break;
		IS(0, pthread_mutex_unlock(&lock));
		IS(0, dlclose(library));
	}
	return unused;
}

int main(void)
{
	thread_end(thread_start(hold, NULL));
	return 0;
}
