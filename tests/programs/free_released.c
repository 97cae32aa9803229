/* SPDX-License-Identifier: MIT */
/*
 * The memory of a mutex is freed after another thread has released it, which
 * is there until the program ends.
 *
 * expect: nothing
 */
#include "program.h"

static int used;

static void *user(void *m)
{
	pthread_mutex_lock(m);
	pthread_mutex_unlock(m);
	meet(&used, 2);
	pause();
	return NULL;
}

int main(void)
{
	pthread_mutex_t *m = malloc(sizeof(*m));

	pthread_mutex_init(m, NULL);
	pthread_detach(thread_start(user, m));
	meet(&used, 2);
	free(m);
	return 0;
}
