/* SPDX-License-Identifier: MIT */
/*
 * See replay.h.  A wait's end is known in every case by one rule: whatever
 * ended it is an anchor, the state of the thread that made it; the wait then
 * ends at the anchor's time in the case, plus what really lay between.
 */
#include "replay/replay.h"

#include <stdlib.h>
#include <string.h>

#include "replay/waiting.h"

enum {
	N_CASES = REPLAY_LOCKS * N_WHATIFS,
	PADDED = N_CASES + N_CASES % 2,
	ALL = 0xffff,
};

/* How much of the time until now, along what was waited for, was in it. */
struct path {
	double inside_ns[REPLAY_LOCKS], handed_ns[REPLAY_LOCKS];
};

struct moment_of {
	double at[PADDED]; /* by case */
	double real_ns;
	struct path path;
	uint32_t thread;
	bool is_set;
};

/* Of a lock asked for, in the cases where it is several. */
struct shards {
	double key2[2], key4[4], key16[16], map[16];
	double written, read;
};

struct place {
	struct moment_of *sent;	  /* last release, signal, arrival */
	struct moment_of *shared; /* rwlock: readers' releases; barrier: of
				     those that pass it now */
	struct shards *shards;
	uint32_t lock; /* which of those asked for; REPLAY_LOCKS: none */
	uint32_t n_in, n_out;
};

struct runner {
	struct moment_of now;
	double jumped_ns, first_ns;
};

struct pass {
	const struct steps *steps;
	const struct trace_info *info;
	struct place *places;	/* by slot */
	struct runner *runners; /* by thread */
	struct waiting *waiting;
	struct replay *out;
};

static double max_of(double a, double b)
{
	return a > b ? a : b;
}

static void later(double *at, const double *than, double by)
{
	for (unsigned k = 0; k < PADDED; k++) {
		double other = than[k] + by;

		at[k] = at[k] > other ? at[k] : other;
	}
}

static void advance(const struct pass *p, struct runner *r, uint32_t thread,
		    double real_ns)
{
	double step = real_ns - r->now.real_ns;

	if (!r->now.is_set) {
		bool is_first = p->info->threads[thread].number == 1;

		for (unsigned k = 0; k < PADDED; k++)
			r->now.at[k] = is_first ? 0 : real_ns;
		r->now.real_ns = r->first_ns = is_first ? 0 : real_ns;
		r->now.is_set = true;
		r->now.thread = thread;
		step = real_ns - r->now.real_ns;
	}
	if (step <= 0)
		return;
	for (unsigned k = 0; k < PADDED; k++)
		r->now.at[k] += step;
	r->now.real_ns = real_ns;
}

static void keep(struct moment_of **to, const struct moment_of *now)
{
	if (!*to)
		*to = zeroed(1, sizeof(**to));
	**to = *now;
}

/* The later of what is there and now, in each case. */
static void keep_later(struct moment_of **to, const struct moment_of *now)
{
	double at[PADDED];

	if (!*to || !(*to)->is_set) {
		keep(to, now);
		return;
	}
	memcpy(at, (*to)->at, sizeof(at));
	later(at, now->at, 0);
	if (now->real_ns >= (*to)->real_ns)
		**to = *now;
	memcpy((*to)->at, at, sizeof(at));
}

static double last_of(const double *ready, unsigned n, unsigned used)
{
	double last = 0;

	for (unsigned i = 0; i < 16; i++)
		if (used >> i & 1 && ready[i % n] > last)
			last = ready[i % n];
	return last;
}

/* When a case in which the lock is another would let the thread in. */
static void enter_shards(double *at, const struct place *place,
			 const struct step *s, const double *before, double by)
{
	const struct shards *sh = place->shards;
	double *own = &at[replay_case(place->lock, 0)];
	const double *from = &before[replay_case(place->lock, 0)];
	unsigned keys = s->keys ? s->keys : ALL;
	unsigned maps = s->maps ? s->maps : ALL;
	double both = sh->written > sh->read ? sh->written : sh->read;

	own[WHATIF_FREE] = from[WHATIF_FREE];
	own[WHATIF_SHARD_2] =
		max_of(from[WHATIF_SHARD_2], last_of(sh->key2, 2, keys) + by);
	own[WHATIF_SHARD_4] =
		max_of(from[WHATIF_SHARD_4], last_of(sh->key4, 4, keys) + by);
	own[WHATIF_SHARD_16] = max_of(from[WHATIF_SHARD_16],
				      last_of(sh->key16, 16, keys) + by);
	own[WHATIF_SPLIT] =
		max_of(from[WHATIF_SPLIT], last_of(sh->map, 16, maps) + by);
	if (s->flags & STEP_READS)
		both = sh->written;
	if (!(s->flags & STEP_SHARED))
		own[WHATIF_RWLOCK] = max_of(from[WHATIF_RWLOCK], both + by);
}

static void leave_shards(const double *at, struct place *place,
			 const struct step *s)
{
	struct shards *sh = place->shards;
	const double *own = &at[replay_case(place->lock, 0)];
	unsigned keys = s->keys ? s->keys : ALL;
	unsigned maps = s->maps ? s->maps : ALL;

	for (unsigned i = 0; i < 16; i++) {
		if (keys >> i & 1) {
			sh->key2[i % 2] = own[WHATIF_SHARD_2];
			sh->key4[i % 4] = own[WHATIF_SHARD_4];
			sh->key16[i] = own[WHATIF_SHARD_16];
		}
		if (maps >> i & 1)
			sh->map[i] = own[WHATIF_SPLIT];
	}
	if (!(s->flags & STEP_READS))
		sh->written = own[WHATIF_RWLOCK];
	else if (own[WHATIF_RWLOCK] > sh->read)
		sh->read = own[WHATIF_RWLOCK];
}

/*
 * The thread has waited until real_ns for what `from` did.  exact: from's time
 * is when it did; else that was some time later.  Returns whether that
 * explains the wait.
 */
static bool end_wait(struct pass *p, struct runner *r,
		     const struct moment_of *from, double real_ns, bool exact)
{
	double since_ns = r->now.real_ns, wait_ns = real_ns - since_ns;
	double by = from && from->is_set ? real_ns - from->real_ns : -1;
	bool explained = by >= 0 && (!exact || by < wait_ns);

	if (!explained)
		for (unsigned k = 0; k < PADDED; k++)
			r->now.at[k] += wait_ns;
	if (by >= 0)
		later(r->now.at, from->at, explained ? by : 0);
	r->now.real_ns = real_ns;
	if (explained) {
		r->now.path = from->path;
		r->jumped_ns = real_ns;
		waiting_add(p->waiting, r->now.thread, from->thread, since_ns,
			    real_ns);
	}
	return explained;
}

/* What the lock was given up by last that the thread had to wait for. */
static const struct moment_of *let_in(const struct place *place, bool shared,
				      struct moment_of *room)
{
	const struct moment_of *readers = place->shared;

	if (shared || !readers || !readers->is_set)
		return place->sent;
	if (!place->sent)
		return readers;
	*room = *place->sent;
	later(room->at, readers->at, 0);
	if (readers->real_ns > room->real_ns) {
		room->real_ns = readers->real_ns;
		room->thread = readers->thread;
		room->path = readers->path;
	}
	return room;
}

static void taken(struct pass *p, struct runner *r, const struct step *s)
{
	struct place *place = &p->places[s->what];
	double end_ns = (double)s->time_ns;
	struct moment_of room;
	const struct moment_of *from;
	double before[PADDED], by = 0;
	bool explained = true;

	advance(p, r, s->thread, end_ns - (double)s->wait_ns);
	memcpy(before, r->now.at, sizeof(before));
	from = let_in(place, s->flags & STEP_SHARED, &room);
	if (s->wait_ns)
		explained = end_wait(p, r, from, end_ns, true);
	else if (from)
		later(r->now.at, from->at, 0);
	if (s->wait_ns && explained)
		by = end_ns - from->real_ns;

	if (place->lock == REPLAY_LOCKS)
		return;
	if (explained && place->shards)
		enter_shards(r->now.at, place, s, before, by);
	else
		r->now.at[replay_case(place->lock, WHATIF_FREE)] =
			before[replay_case(place->lock, WHATIF_FREE)];
	if (s->wait_ns && explained)
		r->now.path.handed_ns[place->lock] += by;
	p->out->wait_ns[place->lock] += (double)s->wait_ns;
	if (!explained)
		p->out->unexplained_ns[place->lock] += (double)s->wait_ns;
}

static void given(struct pass *p, struct runner *r, const struct step *s)
{
	struct place *place = &p->places[s->what];
	unsigned lock = place->lock;
	double held_ns = (double)s->wait_ns, own_ns;

	advance(p, r, s->thread, (double)s->time_ns);
	if (lock < REPLAY_LOCKS) {
		own_ns = r->now.real_ns - r->jumped_ns;
		r->now.path.inside_ns[lock] +=
			held_ns < own_ns ? held_ns : own_ns;
		r->now.at[replay_case(lock, WHATIF_HALF)] -= held_ns / 2;
		leave_shards(r->now.at, place, s);
		p->out->has_keys[lock] |= s->keys && s->keys != ALL;
		p->out->has_maps[lock] |= s->maps && s->maps != ALL;
		p->out->has_reads[lock] |= s->flags & STEP_READS;
		p->out->has_blocked[lock] |= s->blocked_ns > 0;
	}
	if (s->flags & STEP_SHARED)
		keep_later(&place->shared, &r->now);
	else
		keep(&place->sent, &r->now);
	if (lock < REPLAY_LOCKS && !(s->flags & STEP_SHARED))
		place->sent->at[replay_case(lock, WHATIF_UNBLOCKED)] -=
			(double)s->blocked_ns;
}

static void woken(struct pass *p, struct runner *r, const struct step *s)
{
	const struct place *place = &p->places[s->what];

	advance(p, r, s->thread, (double)(s->time_ns - s->wait_ns));
	end_wait(p, r, s->flags & STEP_TIMED_OUT ? NULL : place->sent,
		 (double)s->time_ns, false);
}

static void arrived(struct pass *p, struct runner *r, const struct step *s)
{
	struct place *place = &p->places[s->what];

	advance(p, r, s->thread, (double)s->time_ns);
	keep_later(&place->sent, &r->now);
	place->n_in++;
}

/* The first that departs closes the generation of those that are in. */
static void departed(struct pass *p, struct runner *r, const struct step *s)
{
	struct place *place = &p->places[s->what];

	advance(p, r, s->thread, (double)(s->time_ns - s->wait_ns));
	if (!place->n_out && place->sent) {
		keep(&place->shared, place->sent);
		place->sent->is_set = false;
		place->n_out = place->n_in;
		place->n_in = 0;
	}
	place->n_out -= place->n_out > 0;
	end_wait(p, r, place->shared, (double)s->time_ns, true);
}

static void joined(struct pass *p, struct runner *r, const struct step *s)
{
	const struct runner *child = &p->runners[s->what];
	double end_ns = s->time_ns ? (double)s->time_ns : child->now.real_ns;

	advance(p, r, s->thread, (double)(s->time_ns - s->wait_ns));
	if (!child->now.is_set)
		return;
	if (end_ns > r->now.real_ns)
		end_wait(p, r, &child->now, end_ns, s->time_ns != 0);
	else
		later(r->now.at, child->now.at, 0);
}

static void step(struct pass *p, const struct step *s)
{
	struct runner *r = &p->runners[s->thread];

	switch ((enum step_op)s->op) {
	case STEP_TAKEN:
		taken(p, r, s);
		break;
	case STEP_GIVEN:
		given(p, r, s);
		break;
	case STEP_WOKEN:
		woken(p, r, s);
		break;
	case STEP_SENT:
		advance(p, r, s->thread, r->now.real_ns);
		keep(&p->places[s->what].sent, &r->now);
		break;
	case STEP_ARRIVED:
		arrived(p, r, s);
		break;
	case STEP_DEPARTED:
		departed(p, r, s);
		break;
	case STEP_CREATED:
		advance(p, r, s->thread, r->now.real_ns);
		p->runners[s->what].now = r->now;
		p->runners[s->what].now.thread = s->what;
		break;
	case STEP_STARTED:
		advance(p, r, s->thread, (double)s->time_ns);
		r->first_ns = (double)s->time_ns;
		r->jumped_ns = r->first_ns;
		break;
	case STEP_JOINED:
		joined(p, r, s);
		break;
	case STEP_ENDED:
		advance(p, r, s->thread, (double)s->time_ns);
		break;
	}
}

static void choose_locks(struct pass *p)
{
	size_t n = steps_n_slots(p->steps);

	for (unsigned i = 0; i < REPLAY_LOCKS; i++) {
		uint64_t most_ns = 0;

		for (uint32_t s = 1; s < n; s++) {
			uint64_t ns = steps_slot(p->steps, s)->wait_ns;

			if (ns > most_ns && p->places[s].lock == REPLAY_LOCKS) {
				most_ns = ns;
				p->out->slot[i] = s;
			}
		}
		if (!most_ns)
			return;
		p->places[p->out->slot[i]].lock = i;
		p->places[p->out->slot[i]].shards =
			zeroed(1, sizeof(struct shards));
	}
}

static void conclude(struct pass *p)
{
	struct replay *out = p->out;
	const struct moment_of *last = NULL;

	for (uint32_t t = 1; t < p->info->n_threads; t++) {
		const struct runner *r = &p->runners[t];

		if (!r->now.is_set)
			continue;
		if (!last || r->now.real_ns > last->real_ns)
			last = &r->now;
		out->lives_ns += r->now.real_ns - r->first_ns;
		for (unsigned k = 0; k < N_CASES; k++) {
			out->end_ns[k] = max_of(out->end_ns[k], r->now.at[k]);
			out->saved_ns[k] += r->now.at[0] - r->now.at[k];
		}
	}
	if (!last)
		return;
	out->real_ns = last->real_ns;
	memcpy(out->inside_ns, last->path.inside_ns, sizeof(out->inside_ns));
	memcpy(out->handed_ns, last->path.handed_ns, sizeof(out->handed_ns));
}

struct replay *replay_run(const struct steps *steps,
			  const struct trace_info *info)
{
	size_t n_slots = steps_n_slots(steps);
	struct pass p = {
		.steps = steps,
		.info = info,
		.places = zeroed(n_slots, sizeof(*p.places)),
		.runners = zeroed(info->n_threads, sizeof(*p.runners)),
		.out = zeroed(1, sizeof(*p.out)),
	};

	p.waiting = waiting_new(info, &p.out->groups);
	for (size_t i = 0; i < n_slots; i++)
		p.places[i].lock = REPLAY_LOCKS;
	choose_locks(&p);
	for (size_t i = 0; i < steps_n_steps(steps); i++)
		step(&p, steps_step(steps, i));
	conclude(&p);
	for (size_t i = 0; i < n_slots; i++) {
		store_free(p.places[i].sent);
		store_free(p.places[i].shared);
		store_free(p.places[i].shards);
	}
	waiting_free(p.waiting);
	store_free(p.places);
	store_free(p.runners);
	return p.out;
}
