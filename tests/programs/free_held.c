/* SPDX-License-Identifier: MIT */
/*
 * The memory of a mutex is freed while another thread holds it, which never
 * touches it again and is there until the program ends.
 *
 * expect: lock-free-held
 */
#include "program.h"

static int held;

static void *holder(void *m)
{
	pthread_mutex_lock(m);
	meet(&held, 2);
	pause();
	return NULL;
}

int main(void)
{
	pthread_mutex_t *m = malloc(sizeof(*m));

	pthread_mutex_init(m, NULL);
	pthread_detach(thread_start(holder, m));
	meet(&held, 2);
	free(m);
	return 0;
}
