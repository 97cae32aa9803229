/* SPDX-License-Identifier: MIT */
/* See batches.h. */
#include "batches.h"

#include <pthread.h>
#include <stdlib.h>

#include "store.h"

/* A thread that goes to another stage finds none of that in its caches: with so
   many it stays there for a while. */
enum { N_BATCHES = 16 };

struct stage {
	uint64_t n_done; /* batches */
	bool is_busy;
};

struct batches {
	pthread_mutex_t lock;
	pthread_cond_t changed;
	struct stage *stages;
	size_t n_stages, n_waiting;
	bool is_over;
	size_t n; /* in the ring */
	struct batch *ring;
};

struct batches *batches_new(size_t n_readers, size_t n_threads)
{
	struct batches *b = zeroed(1, sizeof(*b));

	b->n_stages = n_readers + STAGE_FIRST_READER;
	b->stages = zeroed(b->n_stages, sizeof(*b->stages));
	b->n = n_threads > 1 ? N_BATCHES : 1;
	b->ring = zeroed(b->n, sizeof(*b->ring));
	pthread_mutex_init(&b->lock, NULL);
	pthread_cond_init(&b->changed, NULL);
	return b;
}

void batches_free(struct batches *b)
{
	pthread_cond_destroy(&b->changed);
	pthread_mutex_destroy(&b->lock);
	store_free(b->stages);
	store_free(b->ring);
	store_free(b);
}

static uint64_t n_filled(const struct batches *b)
{
	return b->stages[STAGE_FILL].n_done;
}

static uint64_t slowest(const struct batches *b)
{
	uint64_t least = n_filled(b);

	for (size_t i = STAGE_FIRST_READER; i < b->n_stages; i++)
		if (b->stages[i].n_done < least)
			least = b->stages[i].n_done;
	return least;
}

/* How many batches it could do now. */
static uint64_t work_of(const struct batches *b, size_t stage)
{
	if (b->stages[stage].is_busy || (stage == STAGE_FILL && b->is_over))
		return 0;
	if (stage == STAGE_FILL)
		return b->n - (n_filled(b) - slowest(b));
	return n_filled(b) - b->stages[stage].n_done;
}

/* Whether there is any; where, for a thread that is at *stage. */
static bool find_work(const struct batches *b, size_t *stage)
{
	uint64_t most = 0;

	if (work_of(b, *stage))
		return true;
	for (size_t i = 0; i < b->n_stages; i++) {
		uint64_t n = work_of(b, i);

		if (n <= most)
			continue;
		most = n;
		*stage = i;
	}
	return most;
}

static void give_back(struct batches *b, struct turn *turn)
{
	struct stage *stage = &b->stages[turn->stage];

	stage->n_done++;
	stage->is_busy = false;
	b->is_over |= turn->stage == STAGE_FILL && turn->is_last;
	turn->batch = NULL;
	if (b->n_waiting)
		pthread_cond_broadcast(&b->changed);
}

static void take(struct batches *b, struct turn *turn)
{
	struct stage *stage = &b->stages[turn->stage];

	stage->is_busy = true;
	turn->batch = &b->ring[stage->n_done % b->n];
	turn->is_last = false;
}

bool batches_turn(struct batches *b, struct turn *turn)
{
	bool is_found;

	pthread_mutex_lock(&b->lock);
	if (turn->batch)
		give_back(b, turn);
	while (!(is_found = find_work(b, &turn->stage)) &&
	       !(b->is_over && slowest(b) == n_filled(b))) {
		b->n_waiting++;
		pthread_cond_wait(&b->changed, &b->lock);
		b->n_waiting--;
	}
	if (is_found)
		take(b, turn);
	pthread_mutex_unlock(&b->lock);
	return is_found;
}
