/* SPDX-License-Identifier: MIT */
/*
 * A map whose functions are inline, told of by annotations; C++, and an
 * executable that sees no weak symbols.  The map and its lock are named before
 * they are used; a name that was used does not go on to what is made later at
 * the same place.
 *
 * build: -pthread -std=c++11 -fno-pie -no-pie
 * steps: 2
 * taken: 3 the lock
 * taken: 1 later
 */
#define CMSHIM_ANNOTATE_DLSYM
#include "cmshim/annotate.h"

#include <pthread.h>

#include "handover.h"

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER, later;
static int map;

static void *taker(void *unused)
{
	until_given(0);
	pthread_mutex_lock(&lock);
	pthread_mutex_unlock(&lock);
	cmshim_map_read(&map, &map);
	after_taking(0);
	return unused;
}

int main(int argc, char **argv)
{
	pthread_t t;

	begin(argc, argv);
	cmshim_name_object(&lock, "not this name");
	cmshim_name_object(&lock, "the lock");
	cmshim_name_object(&map, "the map");
	pthread_mutex_init(&later, nullptr);
	cmshim_name_object(&later, "former");
	pthread_mutex_destroy(&later);
	pthread_mutex_init(&later, nullptr);
	pthread_create(&t, nullptr, taker, nullptr);

	pthread_mutex_lock(&lock);
	if (!apart)
		cmshim_map_write(&map, nullptr);
	before_giving(0);
	pthread_mutex_unlock(&lock);
	if (apart)
		cmshim_map_write(&map, nullptr);
	after_giving(0);

	pthread_join(t, nullptr);
	pthread_mutex_lock(&lock);
	pthread_mutex_unlock(&lock);
	pthread_mutex_lock(&later);
	pthread_mutex_unlock(&later);
	return end(1);
}
