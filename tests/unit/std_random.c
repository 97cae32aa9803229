/* SPDX-License-Identifier: MIT */
/* See std_random.h. */
#include "std_random.h"

struct thread {
	bool exists, has_ended;
	int waits_for; /* a lock it has requested; -1: none */
};

struct simulation {
	const struct std_taste *taste;
	uint64_t *seed;
	struct thread threads[RANDOM_THREADS];
	int depth[RANDOM_THREADS][RANDOM_LOCKS];
	struct std_event *events;
	size_t n;
};

/* xorshift64*, by Vigna; the seed is not 0. */
static uint32_t below(uint64_t *seed, uint32_t limit)
{
	*seed ^= *seed >> 12;
	*seed ^= *seed << 25;
	*seed ^= *seed >> 27;
	return (uint32_t)((*seed * 2685821657736338717u) >> 33) % limit;
}

struct std_taste std_taste_random(uint64_t *seed)
{
	return (struct std_taste){
		.n_events = 10 + below(seed, 13),
		.n_threads = 2 + below(seed, 3),
		.n_locks = 1 + below(seed, 4),
		.n_vars = 1 + below(seed, 4),
		.has_requests = below(seed, 4) == 0,
		.forks = below(seed, 4) == 0,
		.lockings = 4 + below(seed, 5),
	};
}

static void tell(struct simulation *sim, uint32_t thread, enum std_op op,
		 uint32_t object)
{
	sim->events[sim->n++] = (struct std_event){
		.thread = thread,
		.object = object,
		.op = (uint8_t)op,
	};
}

static bool is_free(const struct simulation *sim, uint32_t thread, int lock)
{
	for (uint32_t i = 0; i < RANDOM_THREADS; i++)
		if (i != thread && sim->depth[i][lock] > 0)
			return false;
	return true;
}

static void take(struct simulation *sim, uint32_t t, int lock)
{
	sim->threads[t].waits_for = -1;
	sim->depth[t][lock]++;
	tell(sim, t, STD_ACQUIRE, (uint32_t)lock);
}

static void lock_something(struct simulation *sim, uint32_t t)
{
	const struct std_taste *taste = sim->taste;
	int lock = (int)below(sim->seed, taste->n_locks);

	/* Taking again what one has is legal, but dull. */
	if (sim->depth[t][lock] > 0 && below(sim->seed, 4) > 0)
		lock = (int)below(sim->seed, taste->n_locks);
	if (taste->has_requests) {
		sim->threads[t].waits_for = lock;
		tell(sim, t, STD_REQUEST, (uint32_t)lock);
	} else if (taste->is_lawless || is_free(sim, t, lock)) {
		take(sim, t, lock);
	}
}

static uint32_t n_held(const struct simulation *sim, uint32_t t)
{
	uint32_t n = 0;

	for (int lock = 0; lock < RANDOM_LOCKS; lock++)
		n += sim->depth[t][lock] > 0;
	return n;
}

static void unlock_something(struct simulation *sim, uint32_t t)
{
	uint32_t first = below(sim->seed, sim->taste->n_locks);

	for (uint32_t i = 0; i < sim->taste->n_locks; i++) {
		uint32_t lock = (first + i) % sim->taste->n_locks;

		if (sim->depth[t][lock] == 0 && !sim->taste->is_lawless)
			continue;
		if (sim->depth[t][lock] > 0)
			sim->depth[t][lock]--;
		tell(sim, t, STD_RELEASE, lock);
		return;
	}
}

static bool fork_or_join(struct simulation *sim, uint32_t t)
{
	uint32_t other = below(sim->seed, sim->taste->n_threads);
	struct thread *o = &sim->threads[other];

	if (other == t || o->has_ended)
		return false;
	if (o->exists) {
		o->has_ended = true;
		tell(sim, t, STD_JOIN, other);
	} else {
		o->exists = true;
		tell(sim, t, STD_FORK, other);
	}
	return true;
}

static void step(struct simulation *sim, uint32_t t)
{
	int wanted = sim->threads[t].waits_for;

	if (wanted >= 0) {
		if (sim->taste->is_lawless || is_free(sim, t, wanted))
			take(sim, t, wanted);
		return;
	}
	if (below(sim->seed, 10) < sim->taste->lockings) {
		/* Two locks at once are what this is about. */
		if (below(sim->seed, 4) + n_held(sim, t) < 3)
			lock_something(sim, t);
		else
			unlock_something(sim, t);
		return;
	}
	if (sim->taste->forks && below(sim->seed, 3) == 0 &&
	    fork_or_join(sim, t))
		return;
	tell(sim, t, below(sim->seed, 2) ? STD_READ : STD_WRITE,
	     below(sim->seed, sim->taste->n_vars));
}

size_t std_random(const struct std_taste *taste, uint64_t *seed,
		  struct std_event *events)
{
	struct simulation sim = {
		.taste = taste,
		.seed = seed,
		.events = events,
	};

	for (uint32_t t = 0; t < RANDOM_THREADS; t++) {
		sim.threads[t].exists =
			t < taste->n_threads && (t == 0 || !taste->forks);
		sim.threads[t].waits_for = -1;
	}
	/* All may be waiting for each other: not every step tells. */
	for (uint32_t tries = 0;
	     tries < 20 * taste->n_events && sim.n < taste->n_events; tries++) {
		uint32_t t = below(seed, taste->n_threads);

		if (sim.threads[t].exists && !sim.threads[t].has_ended)
			step(&sim, t);
	}
	return sim.n;
}
