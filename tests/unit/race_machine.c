/* SPDX-License-Identifier: MIT */
/* See race_machine.h. */
#include "race_machine.h"

#include <check.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

uint32_t machine_pick(struct machine *m, uint32_t n)
{
	m->random ^= m->random << 13;
	m->random ^= m->random >> 7;
	m->random ^= m->random << 17;
	return (uint32_t)(m->random >> 20) % n;
}

/* Every event has the number of its node, plus 1, for a stack. */
static struct node *record(struct machine *m, struct event ev, bool numbered)
{
	struct node *node = &m->nodes[m->n_nodes++];

	*node = (struct node){ .ev = ev };
	node->ev.stack = (uint32_t)m->n_nodes;
	if (numbered)
		node->number = ++m->numbers[ev.object];
	return node;
}

static bool is_held(const struct machine *m, uint32_t t, uint32_t lock)
{
	for (int i = 0; i < m->n_held[t]; i++)
		if (m->held[t][i] == lock)
			return true;
	return false;
}

static bool is_free(const struct machine *m, uint32_t lock, bool shared)
{
	for (uint32_t t = 1; t < MACHINE_THREADS; t++)
		for (int i = 0; i < m->n_held[t]; i++)
			if (m->held[t][i] == lock &&
			    !(shared && m->is_shared[t][i]))
				return false;
	return true;
}

static void lock(struct machine *m, uint32_t t, uint32_t l, bool shared)
{
	m->held[t][m->n_held[t]] = l;
	m->is_shared[t][m->n_held[t]++] = shared;
	record(m, shared ? ACQUIRE_SHARED(t, l) : ACQUIRE(t, l), true);
}

static void unlock(struct machine *m, uint32_t t, int i)
{
	uint32_t l = m->held[t][i];
	bool shared = m->is_shared[t][i];

	record(m, shared ? RELEASE_SHARED(t, l) : RELEASE(t, l), true);
	m->n_held[t]--;
	m->held[t][i] = m->held[t][m->n_held[t]];
	m->is_shared[t][i] = m->is_shared[t][m->n_held[t]];
}

static void use_lock(struct machine *m, uint32_t t)
{
	static const uint32_t locks[] = { A, B, RW };
	uint32_t l = locks[machine_pick(m, 3)];
	bool shared = l == RW && machine_pick(m, 2);

	if (m->n_held[t] && machine_pick(m, 2))
		unlock(m, t, (int)machine_pick(m, (uint32_t)m->n_held[t]));
	else if (is_held(m, t, l) || m->n_held[t] == 3)
		return;
	else if (is_free(m, l, shared))
		lock(m, t, l, shared);
	else
		record(m, REQUEST_FAILED(t, l, 16), false);
}

/* The call has something recorded inside, or met another. */
static void open_call(struct machine *m, struct call *c)
{
	struct event ev = c->is_write
				  ? ENTER_WRITE(c->thread, M + c->map, c->seq)
				  : ENTER_READ(c->thread, M + c->map, c->seq);

	if (c->is_open)
		return;
	c->is_open = true;
	c->enter = m->n_nodes;
	record(m, FLAGGED(c->was_met ? CMSHIM_OVERLAP : 0, ev), false)->number =
		c->is_write ? c->seq : 0;
}

static void enter(struct machine *m, uint32_t t)
{
	struct call *c = &m->calls[m->n_calls];

	if (m->n_calls == MAX_CALLS)
		return;
	*c = (struct call){
		.thread = t,
		.map = machine_pick(m, 2),
		.is_write = machine_pick(m, 3) == 0,
		.entered = m->step,
		.enter = -1,
		.leave = -1,
	};
	c->was_met = m->active[c->map];
	if (c->is_write) {
		m->starts[c->map]++;
		m->active[c->map]++;
	}
	c->seq = m->starts[c->map];
	m->call[t] = ++m->n_calls;
	if (c->was_met)
		open_call(m, c);
}

static void leave(struct machine *m, uint32_t t)
{
	struct call *c = &m->calls[m->call[t] - 1];
	uint32_t map = M + c->map;

	m->call[t] = 0;
	c->end = m->starts[c->map];
	c->left = m->step;
	if (c->is_write)
		m->active[c->map]--;
	c->leave = m->n_nodes;
	if (c->is_open) {
		record(m, LEAVE(t, map, c->end == c->seq ? 0 : c->end), false);
		return;
	}
	c->enter = c->leave;
	record(m,
	       c->is_write ? WRITE(t, map, c->seq, c->end)
			   : READ(t, map, c->seq, c->end),
	       false)
		->number = c->is_write ? c->seq : 0;
}

/* With different mutexes, so that signals are all that orders some. */
static uint32_t mutex_of(uint32_t t)
{
	return t % 2 ? A : B;
}

static void begin_wait(struct machine *m, uint32_t t)
{
	uint32_t mutex = mutex_of(t);

	if (!m->n_held[t] && is_free(m, mutex, false))
		lock(m, t, mutex, false);
	for (int i = 0; i < m->n_held[t]; i++)
		if (m->held[t][i] == mutex) {
			unlock(m, t, i);
			m->wait[t] =
				record(m, WAIT(t, CONDITION), true)->number;
			m->doing[t] = WAITING;
			m->is_signalled[t] = false;
			return;
		}
}

static void signal_one(struct machine *m, uint32_t t)
{
	struct node *node;

	m->signal[t] = m->n_nodes;
	node = record(m, SIGNAL(t, CONDITION), true);
	node->wait = node->number;
	m->doing[t] = SIGNALLING;
}

/* While the call lasts it may wake any that wait. */
static void end_signal(struct machine *m, uint32_t t)
{
	struct node *node = &m->nodes[m->signal[t]];

	for (uint32_t u = 1; u < MACHINE_THREADS; u++)
		m->is_signalled[u] |=
			m->doing[u] == WAITING && machine_pick(m, 2);
	node->wait = m->numbers[CONDITION];
	if (node->wait != node->number)
		record(m, SIGNALLED(t, CONDITION, node->wait), false);
	m->doing[t] = RUNNING;
}

static void end_wait(struct machine *m, uint32_t t)
{
	uint32_t how = machine_pick(m, 8);
	struct node *node;

	if (!m->is_signalled[t] && how > 1)
		return;
	node = record(m, WAKE(t, CONDITION), true);
	node->ev.code = !m->is_signalled[t] && how == 1 ? 110 : 0;
	node->wait = m->wait[t];
	m->doing[t] = WOKEN;
}

static void meet(struct machine *m, uint32_t t)
{
	if (t > 2 || m->call[t])
		return;
	record(m, ARRIVE(t, BARRIER), true)->generation = m->generation;
	m->arrived_in[t] = m->generation;
	m->doing[t] = AT_BARRIER;
	if (++m->n_arrived == 2) {
		m->n_arrived = 0;
		m->generation++;
	}
}

static void hand_over(struct machine *m, uint32_t t)
{
	switch (machine_pick(m, 6)) {
	case 0:
		record(m, POST(t, SEM), true);
		m->semaphore++;
		break;
	case 1:
		if (m->semaphore) {
			m->semaphore--;
			record(m, TAKE(t, SEM), true);
		}
		break;
	case 2:
		record(m, BEFORE(t, CHANNEL), true);
		break;
	case 3:
		record(m, AFTER(t, CHANNEL), true);
		break;
	case 4:
		if (!m->once_ran)
			record(m, ONCE_RAN(t, ONCE), true);
		m->once_ran = true;
		record(m, ONCE_RETURN(t, ONCE), true);
		break;
	default:
		meet(m, t);
	}
}

static void use_thread(struct machine *m, uint32_t t)
{
	uint32_t other = 2 + machine_pick(m, MACHINE_THREADS - 2);

	if (m->doing[other] == NOT_MADE && other != t) {
		record(m, CREATE(t, other), false);
		record(m, BEGIN(other, t), false);
		m->doing[other] = RUNNING;
	} else if (m->doing[other] == OVER && machine_pick(m, 2)) {
		record(m, JOIN(t, other), false);
	} else if (t > 1 && !m->n_held[t] && !machine_pick(m, 3)) {
		record(m, EXIT(t), false);
		record(m, ENDED(t), false);
		m->doing[t] = OVER;
	}
}

/* Call, lock, hand over, wait, signal, thread. */
static const char *const mixes[] = {
	"ccccccclllllhhwst",
	"cclllllhhhhhwsttt",
	"ccwwwsst",
};

static void run_step(struct machine *m, uint32_t t)
{
	if (m->call[t] && machine_pick(m, 3)) {
		leave(m, t);
		return;
	}
	if (m->call[t]) {
		open_call(m, &m->calls[m->call[t] - 1]);
		use_lock(m, t);
		return;
	}
	switch (m->mix[machine_pick(m, (uint32_t)strlen(m->mix))]) {
	case 'c':
		enter(m, t);
		break;
	case 'l':
		use_lock(m, t);
		break;
	case 'h':
		hand_over(m, t);
		break;
	case 'w':
		begin_wait(m, t);
		break;
	case 's':
		signal_one(m, t);
		break;
	default:
		use_thread(m, t);
	}
}

static void step(struct machine *m, uint32_t t)
{
	switch (m->doing[t]) {
	case RUNNING:
		run_step(m, t);
		break;
	case AT_BARRIER:
		if (m->arrived_in[t] == m->generation)
			break;
		record(m, DEPART(t, BARRIER), true)->generation =
			m->arrived_in[t];
		m->doing[t] = RUNNING;
		break;
	case WAITING:
		end_wait(m, t);
		break;
	case WOKEN:
		if (!is_free(m, mutex_of(t), false))
			break;
		lock(m, t, mutex_of(t), false);
		m->doing[t] = RUNNING;
		break;
	case SIGNALLING:
		if (machine_pick(m, 2))
			end_signal(m, t);
		break;
	case NOT_MADE:
	case OVER:
		break;
	}
}

static void play(struct machine *m)
{
	m->doing[1] = RUNNING;
	while (m->step < N_STEPS && m->n_nodes < MAX_NODES - 8) {
		m->step++;
		step(m, 1 + machine_pick(m, MACHINE_THREADS - 1));
	}
	/* Calls that never end are of killed processes: not of these. */
	for (uint32_t t = 1; t < MACHINE_THREADS; t++)
		if (m->call[t] && m->n_nodes < MAX_NODES)
			leave(m, t);
}

struct merge {
	int at[MACHINE_THREADS]; /* node that comes next; n_nodes: none */
	uint64_t last[SCRIPT_OBJECTS];
	bool is_done[MAX_NODES];
};

static int next_of(const struct machine *m, int from, uint32_t thread)
{
	while (from < m->n_nodes && m->nodes[from].ev.thread != thread)
		from++;
	return from;
}

static bool may_come(const struct machine *m, const struct merge *g, int i)
{
	const struct node *n = &m->nodes[i];
	const struct event *ev = &n->ev;
	bool is_map = ev->object == M || ev->object == N;

	if (ev->op == CMSHIM_OP_START)
		for (int k = 0; k < i; k++)
			if (m->nodes[k].ev.op == CMSHIM_OP_CREATE &&
			    m->nodes[k].ev.other == ev->thread)
				return g->is_done[k];
	if (ev->op == CMSHIM_OP_JOIN)
		return g->at[ev->other] == m->n_nodes;
	if (ev->op == CMSHIM_OP_SIGNALLED || ev->op == CMSHIM_OP_MAP_EXIT)
		return ev->end <= g->last[ev->object];
	if (n->number)
		return n->number == g->last[ev->object] + 1;
	return !is_map || ev->seq <= g->last[ev->object];
}

/* Who was woken by a call that may have ended already is left open. */
static void look_for_doubt(struct machine *m, const struct merge *g, int i)
{
	const struct node *n = &m->nodes[i];
	const struct event *ev = &n->ev;

	if (ev->object != CONDITION ||
	    (ev->op != CMSHIM_OP_WAKE && ev->op != CMSHIM_OP_WAIT))
		return;
	for (int k = 0; k < m->n_nodes; k++) {
		const struct node *s = &m->nodes[k];

		if (s->ev.op != CMSHIM_OP_SIGNAL || !g->is_done[k])
			continue;
		if (next_of(m, k + 1, s->ev.thread) != g->at[s->ev.thread])
			continue;
		m->is_doubtful = true;
	}
}

static void deliver(struct machine *m, struct merge *g, int i)
{
	struct node *n = &m->nodes[i];
	uint32_t t = n->ev.thread;

	look_for_doubt(m, g, i);
	if (n->number)
		g->last[n->ev.object] = n->number;
	g->is_done[i] = true;
	g->at[t] = next_of(m, i + 1, t);
	if (n->is_lost && n->number)
		m->stream[m->n_stream++] = GAP(n->ev.object);
	else if (n->is_lost)
		m->stream[m->n_stream++] = DROP(t);
	else
		m->stream[m->n_stream++] = n->ev;
}

void machine_merge(struct machine *m)
{
	struct merge g = { .at = { 0 } };
	uint32_t stay = machine_pick(m, 16), t = 1, stuck = 0;
	int n = 0;

	for (uint32_t i = 1; i < MACHINE_THREADS; i++)
		g.at[i] = next_of(m, 0, i);
	g.at[0] = m->n_nodes;
	m->n_stream = 0;
	m->is_doubtful = false;
	while (n < m->n_nodes) {
		if (stuck)
			t = 1 + t % (MACHINE_THREADS - 1);
		else if (machine_pick(m, 16) >= stay)
			t = 1 + machine_pick(m, MACHINE_THREADS - 1);
		if (g.at[t] < m->n_nodes && may_come(m, &g, g.at[t])) {
			deliver(m, &g, g.at[t]);
			n++;
			stuck = 0;
		} else if (++stuck > MACHINE_THREADS) {
			ck_abort_msg("seed %" PRIu64 ": the merge is stuck",
				     m->seed);
		}
	}
}

struct machine *machine_new(uint64_t seed)
{
	struct machine *m = calloc(1, sizeof(*m));

	if (!m)
		ck_abort_msg("out of memory");
	m->seed = seed;
	m->random = seed * 0x9e3779b97f4a7c15u + 1;
	m->mix = mixes[machine_pick(m, 3)];
	play(m);
	machine_merge(m);
	return m;
}
