/* SPDX-License-Identifier: MIT */
/* See slow_predict.h. */
#include "slow_predict.h"

#include <stdlib.h>
#include <string.h>

enum { NONE = -1, MAX_TUPLES = 20000 };

struct info {
	int prev;	/* of the same thread */
	int writer;	/* of a read: the write it saw */
	int joined;	/* of a join: the other thread's last event by then */
	int release;	/* of an acquire */
	bool counts;	/* false: of a lock held anyhow, or not held */
	uint32_t *held; /* before it, ascending */
	uint32_t n_held;
};

/* A thread asks for a lock while it holds others; instances are events. */
struct request {
	int first;
	int *instances;
	int n;
};

struct slow {
	const struct std_trace *trace;
	const struct std_event *ev;
	int n;
	struct info *info;
	bool *in;  /* the closure */
	int *last; /* [lock] */
	int *forks;
	int n_forks;
	struct request *requests;
	int n_requests;
	bool is_too_much;
	struct prediction *out;
};

static void *zeroed(size_t n, size_t bytes)
{
	void *made = calloc(n + 1, bytes);

	if (!made)
		abort();
	return made;
}

/* What one thread does with its locks, looked at by itself. */
static void follow_thread(struct slow *s, uint32_t thread)
{
	uint32_t n_locks = s->trace->n_locks, n_held = 0;
	int *depth = zeroed(n_locks, sizeof(*depth));
	int *taken = zeroed(n_locks, sizeof(*taken));
	int prev = NONE;

	for (int i = 0; i < s->n; i++) {
		uint32_t x = s->ev[i].object, n = 0;
		struct info *info = &s->info[i];

		if (s->ev[i].thread != thread)
			continue;
		info->prev = prev;
		prev = i;
		info->release = NONE;
		info->counts = true;
		info->held = zeroed(n_held, sizeof(*info->held));
		for (uint32_t l = 0; l < n_locks; l++)
			if (depth[l] > 0)
				info->held[n++] = l;
		info->n_held = n;
		if (s->ev[i].op == STD_REQUEST)
			info->counts = depth[x] == 0;
		if (s->ev[i].op == STD_ACQUIRE) {
			info->counts = depth[x]++ == 0;
			if (info->counts)
				taken[x] = i;
			n_held += info->counts;
		} else if (s->ev[i].op == STD_RELEASE) {
			info->counts = depth[x] == 1;
			depth[x] -= depth[x] > 0;
			if (info->counts)
				s->info[taken[x]].release = i;
			n_held -= info->counts;
		}
	}
	free(depth);
	free(taken);
}

/* What each event is to come after, but for locks and the thread itself. */
static void find_sources(struct slow *s)
{
	for (int i = 0; i < s->n; i++) {
		const struct std_event *ev = &s->ev[i];
		struct info *info = &s->info[i];

		info->writer = info->joined = NONE;
		for (int k = 0; k < i; k++) {
			if (ev->op == STD_READ && s->ev[k].op == STD_WRITE &&
			    s->ev[k].object == ev->object)
				info->writer = k;
			if (ev->op == STD_JOIN && s->ev[k].thread == ev->object)
				info->joined = k;
		}
		if (ev->op == STD_FORK)
			s->forks[s->n_forks++] = i;
	}
}

static bool conflict(const struct std_event *a, const struct std_event *b)
{
	return a->op <= STD_WRITE && b->op <= STD_WRITE &&
	       a->object == b->object && a->thread != b->thread &&
	       (a->op == STD_WRITE || b->op == STD_WRITE);
}

static bool is_before(const struct slow *s, int i, int k)
{
	const struct std_event *a = &s->ev[i], *b = &s->ev[k];

	return i == s->info[k].prev ||
	       (a->op == STD_FORK && a->object == b->thread) ||
	       (b->op == STD_JOIN && b->object == a->thread) ||
	       (a->op == STD_FORK && b->op == STD_JOIN &&
		a->object == b->object) ||
	       (a->op == STD_RELEASE && b->op == STD_ACQUIRE &&
		a->object == b->object && s->info[i].counts &&
		s->info[k].counts);
}

static void happens_before(struct slow *s)
{
	size_t words = (size_t)s->n / 64 + 1;
	uint64_t *before = zeroed((size_t)s->n * words, sizeof(*before));
	bool *is_racy = zeroed(s->trace->n_vars, sizeof(*is_racy));

	for (int k = 0; k < s->n; k++) {
		uint64_t *row = before + (size_t)k * words;
		uint64_t n = 0;

		for (int i = 0; i < k; i++) {
			if (!is_before(s, i, k))
				continue;
			row[i / 64] |= 1ull << i % 64;
			for (size_t w = 0; w < words; w++)
				row[w] |= before[(size_t)i * words + w];
		}
		for (int i = 0; i < k; i++)
			n += conflict(&s->ev[i], &s->ev[k]) &&
			     !(row[i / 64] >> i % 64 & 1);
		s->out->hb_racy_pairs += n;
		s->out->hb_racy_events += n > 0;
		if (n > 0)
			is_racy[s->ev[k].object] = true;
	}
	for (uint32_t v = 0; v < s->trace->n_vars; v++)
		s->out->hb_racy_vars += is_racy[v];
	free(before);
	free(is_racy);
}

static bool put(struct slow *s, int i)
{
	bool is_new = i != NONE && !s->in[i];

	if (is_new)
		s->in[i] = true;
	return is_new;
}

/* The thread's forks before event i. */
static bool put_forks(struct slow *s, uint32_t thread, int i)
{
	bool is_new = false;

	for (int k = 0; k < s->n_forks && s->forks[k] < i; k++)
		if (s->ev[s->forks[k]].object == thread)
			is_new |= put(s, s->forks[k]);
	return is_new;
}

/* What has to be done so that the thread can be just before its event. */
static bool put_before(struct slow *s, int i)
{
	bool is_new = put(s, s->info[i].prev);

	is_new |= put_forks(s, s->ev[i].thread, i);
	return is_new;
}

static bool put_needed(struct slow *s, int i)
{
	bool is_new = put_before(s, i);

	is_new |= put(s, s->info[i].writer);
	is_new |= put(s, s->info[i].joined);
	if (s->ev[i].op == STD_JOIN)
		is_new |= put_forks(s, s->ev[i].object, i);
	return is_new;
}

static bool put_releases(struct slow *s)
{
	bool is_new = false;

	for (uint32_t l = 0; l < s->trace->n_locks; l++)
		s->last[l] = NONE;
	for (int i = 0; i < s->n; i++)
		if (s->in[i] && s->ev[i].op == STD_ACQUIRE && s->info[i].counts)
			s->last[s->ev[i].object] = i;
	for (int i = 0; i < s->n; i++)
		if (s->in[i] && s->ev[i].op == STD_ACQUIRE &&
		    s->info[i].counts && i != s->last[s->ev[i].object])
			is_new |= put(s, s->info[i].release);
	return is_new;
}

/* Whether some sync-preserving reordering is just before all of these. */
static bool are_reached(struct slow *s, const int *events, int n)
{
	bool is_new = true;

	memset(s->in, 0, (size_t)s->n);
	for (int i = 0; i < n; i++)
		put_before(s, events[i]);
	while (is_new) {
		is_new = false;
		for (int i = s->n - 1; i >= 0; i--)
			if (s->in[i])
				is_new |= put_needed(s, i);
		is_new |= put_releases(s);
	}
	for (int i = 0; i < n; i++)
		if (s->in[events[i]])
			return false;
	return true;
}

static bool share_lock(const struct info *a, const struct info *b)
{
	for (uint32_t i = 0; i < a->n_held; i++)
		for (uint32_t k = 0; k < b->n_held; k++)
			if (a->held[i] == b->held[k])
				return true;
	return false;
}

static void races(struct slow *s)
{
	bool *is_racy = zeroed(s->trace->n_vars, sizeof(*is_racy));

	for (int k = 0; k < s->n; k++)
		for (int i = 0; i < k; i++)
			if (conflict(&s->ev[i], &s->ev[k]) &&
			    !is_racy[s->ev[k].object])
				is_racy[s->ev[k].object] = are_reached(
					s, (const int[]){ i, k }, 2);
	for (uint32_t v = 0; v < s->trace->n_vars; v++)
		s->out->sync_preserving_racy_vars += is_racy[v];
	free(is_racy);
}

static bool holds(const struct info *info, uint32_t lock)
{
	for (uint32_t i = 0; i < info->n_held; i++)
		if (info->held[i] == lock)
			return true;
	return false;
}

static void edges(struct slow *s)
{
	for (uint32_t a = 0; a < s->trace->n_locks; a++)
		for (uint32_t b = 0; b < s->trace->n_locks; b++) {
			bool is_edge = false;

			for (int i = 0; i < s->n && !is_edge; i++)
				is_edge = (s->ev[i].op == STD_ACQUIRE ||
					   s->ev[i].op == STD_REQUEST) &&
					  s->ev[i].object == b &&
					  s->info[i].counts &&
					  holds(&s->info[i], a);
			s->out->lockgraph_edges += is_edge;
		}
}

static bool is_alike(const struct slow *s, int i, int k)
{
	return s->ev[i].thread == s->ev[k].thread &&
	       s->ev[i].object == s->ev[k].object &&
	       s->info[i].n_held == s->info[k].n_held &&
	       memcmp(s->info[i].held, s->info[k].held,
		      s->info[i].n_held * sizeof(uint32_t)) == 0;
}

static void list_requests(struct slow *s)
{
	enum std_op op = STD_ACQUIRE;

	for (int i = 0; i < s->n; i++)
		if (s->ev[i].op == STD_REQUEST)
			op = STD_REQUEST;
	for (int i = 0; i < s->n; i++) {
		struct request *r = s->requests;

		if (s->ev[i].op != op || !s->info[i].counts)
			continue;
		while (r < s->requests + s->n_requests &&
		       !is_alike(s, r->first, i))
			r++;
		if (r == s->requests + s->n_requests) {
			s->n_requests++;
			r->first = i;
			r->instances = zeroed((size_t)s->n, sizeof(int));
		}
		r->instances[r->n++] = i;
	}
}

/* Tries all instances of the cycle's requests. */
static bool is_reached(struct slow *s, const int *cycle, int n)
{
	int at[4] = { 0 }, events[4];
	uint64_t n_tuples = 1;

	for (int i = 0; i < n; i++)
		n_tuples *= (uint64_t)s->requests[cycle[i]].n;
	if (n_tuples > MAX_TUPLES)
		s->is_too_much = true;
	while (n_tuples-- > 0 && !s->is_too_much) {
		for (int i = 0; i < n; i++)
			events[i] = s->requests[cycle[i]].instances[at[i]];
		if (are_reached(s, events, n))
			return true;
		for (int i = 0; i < n; i++) {
			if (++at[i] < s->requests[cycle[i]].n)
				break;
			at[i] = 0;
		}
	}
	return false;
}

static bool is_cycle(const struct slow *s, const int *cycle, int n)
{
	for (int i = 0; i < n; i++) {
		int a = s->requests[cycle[i]].first;
		int next = s->requests[cycle[(i + 1) % n]].first;

		if (!holds(&s->info[next], s->ev[a].object))
			return false;
		for (int k = 0; k < i; k++) {
			int b = s->requests[cycle[k]].first;

			if (s->ev[a].thread == s->ev[b].thread ||
			    s->ev[a].object == s->ev[b].object ||
			    share_lock(&s->info[a], &s->info[b]))
				return false;
		}
	}
	return true;
}

static void cycles(struct slow *s, int *cycle, int n)
{
	if (n >= 2 && is_cycle(s, cycle, n)) {
		s->out->abstract_deadlocks++;
		s->out->sync_preserving_deadlocks += is_reached(s, cycle, n);
	}
	if (n == 4)
		return;
	for (int i = n ? cycle[0] + 1 : 0; i < s->n_requests; i++) {
		const struct request *r = &s->requests[i];

		cycle[n] = i;
		if (n == 0 ||
		    holds(&s->info[r->first],
			  s->ev[s->requests[cycle[n - 1]].first].object))
			cycles(s, cycle, n + 1);
	}
}

bool slow_predict(const struct std_trace *trace, struct prediction *out)
{
	struct slow s = {
		.trace = trace,
		.ev = trace->events,
		.n = (int)trace->n_events,
		.out = out,
	};
	int cycle[4];

	*out = (struct prediction){ 0 };
	s.info = zeroed((size_t)s.n, sizeof(*s.info));
	s.in = zeroed((size_t)s.n, sizeof(*s.in));
	s.last = zeroed(trace->n_locks, sizeof(*s.last));
	s.forks = zeroed((size_t)s.n, sizeof(*s.forks));
	s.requests = zeroed((size_t)s.n, sizeof(*s.requests));
	for (uint32_t t = 0; t < trace->n_threads; t++)
		follow_thread(&s, t);
	find_sources(&s);
	happens_before(&s);
	races(&s);
	edges(&s);
	list_requests(&s);
	cycles(&s, cycle, 0);
	for (int i = 0; i < s.n; i++)
		free(s.info[i].held);
	for (int i = 0; i < s.n_requests; i++)
		free(s.requests[i].instances);
	free(s.info);
	free(s.in);
	free(s.last);
	free(s.forks);
	free(s.requests);
	return !s.is_too_much;
}
