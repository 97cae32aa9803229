/* SPDX-License-Identifier: MIT */
/* See screen_whatif.h. */
#include "show/screen_whatif.h"

#include <inttypes.h>

enum { SHORT_EDGES = 5 };

static struct short_text share(double part)
{
	return text_share((uint64_t)(part * 1e6 + 0.5), 1000000);
}

const char *screen_gain(const struct screen *s, const struct shown_finding *f)
{
	if (f->sooner >= 0.01 || f->sooner >= f->less)
		return arena_printf(
			s->mem, "at best the run ends %s sooner, by replay",
			f->sooner > 0 ? share(f->sooner).text : "0 %");
	return arena_printf(s->mem,
			    "at best the threads need %s less time, by "
			    "replay; the run's end does not depend on it",
			    share(f->less).text);
}

static const char *lock_name(const struct screen *s,
			     const struct shown_replay *r,
			     const struct shown_object *object)
{
	const char *name = object ? object->name : "?";

	if (!s->has_many)
		return name;
	return arena_printf(s->mem, "%s [%" PRIu32 "]", name, r->process->pid);
}

/* Whether the end of the run depends on any of its locks. */
static bool has_end(const struct shown_replay *r)
{
	for (size_t i = 0; i < r->n_locks; i++)
		if (r->locks[i].lock->sooner[WHATIF_FREE] >= 0.01)
			return true;
	return false;
}

static bool is_known(const struct shown_replay *r, int what)
{
	for (size_t i = 0; i < r->n_locks; i++)
		if (r->locks[i].lock->is_known[what])
			return true;
	return false;
}

/* Only the columns in which something is known. */
static struct page_table columns(const struct shown_replay *r, bool is_end)
{
	static const char *const titles[N_WHATIFS] = {
		"",	  "if free", "2 locks", "4",	     "16",
		"rwlock", "by map",  "half",	"unblocked",
	};
	static const unsigned widths[N_WHATIFS] = {
		0, 9, 9, 6, 6, 8, 8, 7, 11,
	};
	struct page_table table = { .titles = { "lock" }, .n_columns = 1 };

	if (is_end) {
		table.titles[1] = "on path";
		table.titles[2] = "of run";
		table.titles[3] = "handing over";
		table.widths[1] = 9;
		table.widths[2] = 8;
		table.widths[3] = 14;
		table.n_columns = 4;
	}
	for (int w = WHATIF_FREE; w < N_WHATIFS; w++)
		if (is_known(r, w)) {
			table.titles[table.n_columns] = titles[w];
			table.widths[table.n_columns++] = widths[w];
		}
	return table;
}

static struct page_row gain_row(const struct screen *s,
				const struct shown_replay *r, size_t i,
				bool is_end)
{
	static const struct short_text unknown = { "?" };
	const struct replayed_lock *l = r->locks[i].lock;
	struct page_row row = {
		.name = lock_name(s, r, r->locks[i].object),
	};
	size_t n = 1;

	if (is_end) {
		row.cells[n++] = text_duration(l->inside_ns);
		row.cells[n++] =
			text_share(l->inside_ns, r->usage->measured_ns);
		row.cells[n++] = text_duration(l->handed_ns);
	}
	for (int w = WHATIF_FREE; w < N_WHATIFS; w++) {
		if (!is_known(r, w))
			continue;
		if (!l->is_known[w])
			row.cells[n++] = unknown;
		else
			row.cells[n++] =
				share(is_end ? l->sooner[w] : l->less[w]);
	}
	return row;
}

static void gains(const struct screen *s, const struct shown_replay *r)
{
	bool is_end = has_end(r);
	struct page_table table = columns(r, is_end);

	page_heading(&s->page, "What if",
		     is_end ? "time on the critical path; how much sooner the "
			      "run ends, at best"
			    : "how much less time all threads need, at best");
	page_titles(&s->page, &table);
	for (size_t i = 0; i < r->n_locks; i++) {
		struct page_row row = gain_row(s, r, i, is_end);

		page_row(&s->page, &table, &row);
	}
}

static const char *group(const struct screen *s, const struct shown_thread *t,
			 uint32_t n)
{
	if (n == 1 || !t)
		return screen_thread(s, t);
	if (t->start)
		return arena_printf(s->mem, "%" PRIu32 " threads (%s)", n,
				    t->start);
	return arena_printf(s->mem, "%" PRIu32 " threads like %s", n,
			    screen_thread(s, t));
}

static void edges(const struct screen *s, const struct shown_replay *r)
{
	static const struct page_table table = {
		.titles = { "who waits for whom", "waited", "of all" },
		.widths = { 0, 9, 8 },
		.n_columns = 3,
	};
	size_t n = r->n_edges;

	if (n == 0)
		return;
	page_heading(&s->page, "Waiting",
		     "*: waits for nobody else; a bottleneck is among these");
	page_titles(&s->page, &table);
	if (!s->full && n > SHORT_EDGES)
		n = SHORT_EDGES;
	for (size_t i = 0; i < n; i++) {
		const struct waiting_edge *e = r->edges[i].edge;
		struct page_row row = {
			.name = arena_printf(
				s->mem, "%s%s for %s%s",
				group(s, r->edges[i].thread, e->n_threads),
				e->in_knot ? " *" : "",
				group(s, r->edges[i].for_thread,
				      e->n_for_threads),
				e->for_knot ? " *" : ""),
		};

		row.cells[1] = text_duration(e->wait_ns);
		row.cells[2] = text_share(e->wait_ns, r->usage->waited_ns);
		page_row(&s->page, &table, &row);
	}
}

/* Whether any change of any lock would gain a hundredth. */
static bool is_worth(const struct shown_replay *r)
{
	for (size_t i = 0; i < r->n_locks; i++)
		for (int w = WHATIF_FREE; w < N_WHATIFS; w++) {
			const struct replayed_lock *l = r->locks[i].lock;

			if (l->is_known[w] &&
			    (l->sooner[w] >= 0.01 || l->less[w] >= 0.01))
				return true;
		}
	return false;
}

static void remarks(const struct screen *s, const struct shown_replay *r)
{
	if (r->n_locks == 0 && r->usage->n_remarks)
		page_heading(&s->page, "What if", NULL);
	for (size_t k = 0; k < r->usage->n_remarks; k++)
		page_paragraph(&s->page, 2, NULL, r->usage->remarks[k]);
}

void screen_whatif(const struct screen *s, const struct document *doc)
{
	for (size_t i = 0; i < doc->n_replays; i++) {
		const struct shown_replay *r = &doc->replays[i];

		if (r->n_locks && !is_worth(r)) {
			page_heading(&s->page, "What if", NULL);
			page_paragraph(&s->page, 2, NULL,
				       "No change of one lock gains the run "
				       "or its threads 1 %, by replay.");
		} else {
			if (r->n_locks)
				gains(s, r);
			remarks(s, r);
		}
		if (r->n_locks)
			edges(s, r);
	}
}
