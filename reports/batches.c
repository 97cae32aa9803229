/* SPDX-License-Identifier: MIT */
/* See batches.h. */
#include "batches.h"

#include <pthread.h>
#include <stdlib.h>

#include "store.h"

/*
 * Slack for the stretches in which one thread is slower than the others, and
 * few enough changes of threads where there are more of them than processors.
 */
enum { N_BATCHES = 16, ENOUGH_EMPTY = N_BATCHES / 2 };

struct batches {
	pthread_mutex_t lock;
	pthread_cond_t filled, emptied;
	uint64_t n_put, *n_taken; /* [n_readers]; given back */
	size_t n_readers;
	bool is_over;
	struct batch ring[N_BATCHES];
};

struct batches *batches_new(size_t n_readers)
{
	struct batches *b = zeroed(1, sizeof(*b));

	b->n_taken = zeroed(n_readers, sizeof(*b->n_taken));
	b->n_readers = n_readers;
	pthread_mutex_init(&b->lock, NULL);
	pthread_cond_init(&b->filled, NULL);
	pthread_cond_init(&b->emptied, NULL);
	return b;
}

void batches_free(struct batches *b)
{
	pthread_cond_destroy(&b->filled);
	pthread_cond_destroy(&b->emptied);
	pthread_mutex_destroy(&b->lock);
	store_free(b->n_taken);
	store_free(b);
}

static uint64_t slowest(const struct batches *b)
{
	uint64_t least = b->n_put;

	for (size_t i = 0; i < b->n_readers; i++)
		if (b->n_taken[i] < least)
			least = b->n_taken[i];
	return least;
}

struct batch *batches_fill(struct batches *b)
{
	struct batch *batch = &b->ring[b->n_put % N_BATCHES];

	pthread_mutex_lock(&b->lock);
	if (b->n_put - slowest(b) == N_BATCHES)
		while (b->n_put - slowest(b) > N_BATCHES - ENOUGH_EMPTY)
			pthread_cond_wait(&b->emptied, &b->lock);
	pthread_mutex_unlock(&b->lock);
	batch->n = 0;
	return batch;
}

void batches_put(struct batches *b)
{
	pthread_mutex_lock(&b->lock);
	b->n_put++;
	pthread_cond_broadcast(&b->filled);
	pthread_mutex_unlock(&b->lock);
}

void batches_end(struct batches *b)
{
	pthread_mutex_lock(&b->lock);
	b->is_over = true;
	pthread_cond_broadcast(&b->filled);
	pthread_mutex_unlock(&b->lock);
}

const struct batch *batches_take(struct batches *b, size_t reader)
{
	const struct batch *batch = NULL;

	pthread_mutex_lock(&b->lock);
	while (b->n_taken[reader] == b->n_put && !b->is_over)
		pthread_cond_wait(&b->filled, &b->lock);
	if (b->n_taken[reader] < b->n_put)
		batch = &b->ring[b->n_taken[reader] % N_BATCHES];
	pthread_mutex_unlock(&b->lock);
	return batch;
}

void batches_give_back(struct batches *b, size_t reader)
{
	pthread_mutex_lock(&b->lock);
	b->n_taken[reader]++;
	if (b->n_put - slowest(b) <= N_BATCHES - ENOUGH_EMPTY)
		pthread_cond_signal(&b->emptied);
	pthread_mutex_unlock(&b->lock);
}
