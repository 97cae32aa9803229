/* SPDX-License-Identifier: MIT */
/*
 * Two threads take two mutexes in different orders, but never both at once:
 * each time the first one has been given up before, by a library whose calls
 * do not come by us.  What shows that is another thread that takes the mutex,
 * the end of the thread that took it, the end of the process, or the same
 * thread that takes it again.  (order_two.c is about those who hold it.)
 *
 * build: -pthread -ldl
 * expect: nothing
 */
#include "plugin.h"

struct pair {
	pthread_mutex_t given_up, other;
	int turn;
};

static struct pair pairs[4];
static void (*give_up)(pthread_mutex_t *);

/* Waits for its turn and says that it is the next one's, by nothing that would
   keep the threads apart for a reader of the trace. */
static void meanwhile(struct pair *p, int turn)
{
	while (__atomic_load_n(&p->turn, __ATOMIC_ACQUIRE) != turn)
		sched_yield();
}

static void done(struct pair *p)
{
	__atomic_add_fetch(&p->turn, 1, __ATOMIC_RELEASE);
}

/* Silent, as threads do it side by side. */
static void one_after_the_other(struct pair *p)
{
	must(pthread_mutex_lock(&p->given_up) == 0, "lock");
	give_up(&p->given_up);
	must(pthread_mutex_lock(&p->other) == 0, "lock");
	must(pthread_mutex_unlock(&p->other) == 0, "unlock");
}

static void one_in_the_other(struct pair *p)
{
	must(pthread_mutex_lock(&p->other) == 0, "lock");
	must(pthread_mutex_lock(&p->given_up) == 0, "lock");
	must(pthread_mutex_unlock(&p->given_up) == 0, "unlock");
	must(pthread_mutex_unlock(&p->other) == 0, "unlock");
}

static void *others(void *unused)
{
	meanwhile(&pairs[0], 1);
	one_in_the_other(&pairs[0]);
	done(&pairs[0]);

	one_in_the_other(&pairs[1]);
	done(&pairs[1]);

	one_in_the_other(&pairs[2]);
	done(&pairs[2]);

	one_in_the_other(&pairs[3]);
	done(&pairs[3]);
	return unused;
}

static void *ends(void *unused)
{
	meanwhile(&pairs[1], 1);
	one_after_the_other(&pairs[1]);
	return unused;
}

int main(void)
{
	void *library =
		plugin_open_with("plugin_hold", RTLD_NOW | RTLD_DEEPBIND);
	pthread_t threads[2];

	*(void **)&give_up = plugin_symbol(library, "plugin_unlock");
	for (int i = 0; i < 4; i++) {
		pthread_mutex_init(&pairs[i].given_up, NULL);
		pthread_mutex_init(&pairs[i].other, NULL);
	}
	threads[0] = thread_start(others, NULL);
	threads[1] = thread_start(ends, NULL);

	one_after_the_other(&pairs[0]);
	done(&pairs[0]);
	meanwhile(&pairs[2], 1);
	one_after_the_other(&pairs[2]);
	meanwhile(&pairs[3], 1);
	for (int i = 0; i < 2; i++)
		one_after_the_other(&pairs[3]);
	thread_end(threads[0]);
	thread_end(threads[1]);
	return 0;
}
