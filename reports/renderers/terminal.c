/* SPDX-License-Identifier: MIT */
/*
 * For people: the verdict first, then each finding with all its sides, the
 * locks that were waited for, the shared maps, what was lost, and what no
 * recording of this kind shows.
 */
#include "show/renderer.h"

#include <inttypes.h>

#include "show/maptable.h"
#include "show/screen.h"
#include "show/screen_whatif.h"
#include "text.h"

/* Without --verbose. */
enum {
	SHORT_LOCKS = 10,
	SHORT_FINDINGS = 30,
};

static enum style level_style(enum level level)
{
	switch (level) {
	case LEVEL_ERROR:
		return RED;
	case LEVEL_WARNING:
		return YELLOW;
	case LEVEL_NOTE:
		return CYAN;
	case LEVEL_ADVICE:
		break;
	}
	return GREEN;
}

/* "1 error, 2 warnings", or "" if there is nothing. */
static const char *tally(const struct screen *s, const struct document *doc)
{
	static const char *const plural[] = { "advice", "notes", "warnings",
					      "errors" };
	unsigned n[LEVEL_ERROR + 1] = { 0 };
	struct text text = { .mem = s->mem };

	for (size_t i = 0; i < doc->n_findings; i++)
		if (!doc->findings[i].suppressed_by)
			n[doc->findings[i].level]++;
	for (int i = LEVEL_ERROR; i >= LEVEL_ADVICE; i--)
		if (n[i])
			text_add(&text, "%s%u %s", text.n ? ", " : "", n[i],
				 n[i] == 1 ? level_name((enum level)i)
					   : plural[i]);
	return text_of(&text);
}

/* Of those that are shown; they are sorted. */
static enum level worst(const struct document *doc)
{
	for (size_t i = 0; i < doc->n_findings; i++)
		if (!doc->findings[i].suppressed_by)
			return doc->findings[i].level;
	return LEVEL_ADVICE;
}

static void verdict(const struct screen *s, const struct document *doc)
{
	const char *found = tally(s, doc);
	uint64_t n_events = 0, n_lost = 0, duration_ns = 0;
	size_t n_threads = 0;
	const struct shown_process *first = doc->processes[0];

	for (size_t i = 0; i < doc->n_processes; i++) {
		const struct shown_process *p = doc->processes[i];

		n_events += p->n_events;
		n_lost += p->n_lost;
		n_threads += p->n_threads;
		if (p->duration_ns > duration_ns)
			duration_ns = p->duration_ns;
	}

	page_print(&s->page, BOLD, "%s", first->name);
	if (s->has_many)
		page_print(&s->page, PLAIN,
			   " and %zu more processes: ", doc->n_processes - 1);
	else
		page_print(&s->page, PLAIN, " (pid %" PRIu32 "): ", first->pid);
	if (*found)
		page_print(&s->page, level_style(worst(doc)), "%s", found);
	else
		page_print(&s->page, n_lost ? PLAIN : GREEN,
			   "nothing wrong was seen");
	page_print(&s->page, PLAIN, "\n%s, %zu thread%s, %s event%s; ",
		   text_duration(duration_ns).text, n_threads,
		   n_threads == 1 ? "" : "s", text_count(n_events).text,
		   n_events == 1 ? "" : "s");
	if (n_lost)
		page_print(&s->page, YELLOW, "%s lost, see below",
			   text_count(n_lost).text);
	else
		page_print(&s->page, PLAIN, "none lost");
	fputc('\n', s->page.out);
	for (size_t i = 0; i < doc->n_processes; i++)
		if (doc->processes[i]->state == CMSHIM_RECORDING)
			page_print(&s->page, PLAIN,
				   "process %" PRIu32
				   " was killed, called _exit(), or runs "
				   "still: this is what it did until then\n",
				   doc->processes[i]->pid);
}

static void held_lines(const struct screen *s, const struct shown_side *side)
{
	if (side->n_held == 0 && !side->waits_for && !side->held_unknown)
		page_print(&s->page, PLAIN, "    no lock held\n");
	for (size_t i = 0; i < side->n_held; i++) {
		const struct shown_held *h = &side->held[i];

		page_paragraph(&s->page, 12, "    holding",
			       arena_printf(s->mem, "%s%s, taken at %s",
					    h->lock->name,
					    h->shared ? " (shared)" : "",
					    screen_place(s, &h->stack)));
		if (s->full)
			screen_stack(s, 12, &h->stack);
	}
	if (side->waits_for)
		page_paragraph(
			&s->page, 12, "    waiting",
			arena_printf(s->mem, "for %s", side->waits_for->name));
}

static void side_lines(const struct screen *s, const struct shown_side *side)
{
	page_print(&s->page, PLAIN, "  ");
	page_print(&s->page, BOLD, "%s", screen_thread(s, side->thread));
	page_print(&s->page, PLAIN, " %s", side->role);
	if (side->operation)
		page_print(&s->page, PLAIN, ": %s", side->operation);
	if (side->write_number)
		page_print(&s->page, DIM, " (write %" PRIu64 ")",
			   side->write_number);
	fputc('\n', s->page.out);
	screen_stack(s, 6, &side->stack);
	held_lines(s, side);
	if (s->full && side->thread && side->thread->created.n_frames) {
		page_print(&s->page, PLAIN, "    thread made at\n");
		screen_stack(s, 6, &side->thread->created);
	}
}

static void last_order_line(const struct screen *s,
			    const struct shown_last_order *last)
{
	struct text text = { .mem = s->mem };

	text_add(&text, "%s ", screen_thread(s, last->giver));
	if (!last->object)
		text_add(&text, "made %s", screen_thread(s, last->taker));
	else
		text_add(&text, "%s %s%s %s, %s took it",
			 last->is_lock ? "released" : "gave",
			 last->object->name,
			 last->is_lock ? ", taken at" : " at",
			 screen_place(s, &last->given),
			 screen_thread(s, last->taker));
	if (last->taken.n_frames)
		text_add(&text, " at %s", screen_place(s, &last->taken));
	if (last->has_time)
		text_add(&text, ", %s after the start",
			 text_duration(last->time_ns).text);
	page_paragraph(&s->page, 4, "  ordered last:", text_of(&text));
}

/* What was observed needs no remark on how sure it is. */
static const char *tier_text(enum tier tier)
{
	switch (tier) {
	case TIER_OVERLAP:
		return "proof: both were inside at once";
	case TIER_PREDICTED:
		return "predicted: another schedule of what was seen would "
		       "go wrong";
	case TIER_DISCIPLINE:
		return "discipline: no common lock";
	case TIER_OBSERVED:
		break;
	}
	return NULL;
}

static void remarks(const struct screen *s, const struct shown_finding *f)
{
	struct text text = { .mem = s->mem };
	const char *tier = tier_text(f->tier);

	if (tier)
		text_add(&text, "%s", tier);
	if (f->count > 1)
		text_add(&text, "%sseen %s times", text.n ? "; " : "",
			 text_count(f->count).text);
	if (s->has_many)
		text_add(&text, "%sin %s, pid %" PRIu32, text.n ? "; " : "",
			 f->process->name, f->process->pid);
	if (text.n)
		page_print(&s->page, DIM, "  %s\n", text_of(&text));
}

static void finding_lines(const struct screen *s, const struct shown_finding *f)
{
	fputc('\n', s->page.out);
	page_print(&s->page, level_style(f->level), "%s", level_name(f->level));
	page_print(&s->page, BOLD, ": %s", f->rule->title);
	page_print(&s->page, DIM, "  [%s]\n", f->rule->id);
	if (f->object)
		page_print(&s->page, BOLD, "  %s\n", f->object->name);
	page_paragraph(&s->page, 2, NULL, f->message);
	remarks(s, f);

	for (size_t i = 0; i < f->n_sides; i++)
		side_lines(s, &f->sides[i]);
	if (f->last_order)
		last_order_line(s, f->last_order);
	if (f->advice)
		page_paragraph(&s->page, 10, "  advice:", f->advice);
	if (f->reproduce)
		page_paragraph(&s->page, 10, "  to see:", f->reproduce);
	if (f->has_gain)
		page_paragraph(&s->page, 10, "  gain:", screen_gain(s, f));
}

static void findings(const struct screen *s, const struct document *doc)
{
	size_t n_shown = 0, n_left = 0, n_suppressed = 0;

	for (size_t i = 0; i < doc->n_findings; i++) {
		const struct shown_finding *f = &doc->findings[i];

		if (f->suppressed_by) {
			n_suppressed++;
		} else if (!s->full && n_shown == SHORT_FINDINGS) {
			n_left++;
		} else {
			finding_lines(s, f);
			n_shown++;
		}
	}
	if (n_left)
		page_print(&s->page, DIM, "\n%zu more: --verbose shows them\n",
			   n_left);
	if (n_suppressed)
		page_print(&s->page, DIM, "\n%zu suppressed\n", n_suppressed);
}

static void blame_line(const struct screen *s, const struct shown_lock *lock)
{
	const struct shown_blame *b = &lock->blame[0];

	if (lock->n_blame == 0 || b->wait_ns == 0)
		return;
	page_paragraph(
		&s->page, 6, NULL,
		arena_printf(s->mem, "%s of the waiting: %s for %s",
			     text_share(b->wait_ns, lock->wait->sum_ns).text,
			     screen_place(s, &b->waiter),
			     screen_place(s, &b->holder)));
}

static void locks(const struct screen *s, const struct document *doc)
{
	static const struct page_table table = {
		.titles = { "lock", "taken", "contended", "waited", "p99",
			    "longest", "held p50", "longest" },
		.widths = { 0, 8, 11, 9, 9, 9, 10, 9 },
		.n_columns = 8,
	};
	size_t n = doc->n_locks;
	uint64_t n_left = 0;

	if (n == 0)
		return;
	page_heading(&s->page, "Locks", "those waited for longest first");
	page_titles(&s->page, &table);
	if (!s->full && n > SHORT_LOCKS)
		n = SHORT_LOCKS;
	for (size_t i = 0; i < n; i++) {
		const struct shown_lock *l = &doc->locks[i];
		struct page_row row = { .name = screen_object(s, l->object) };
		const struct short_text none = { "-" };

		row.cells[1] = text_count(l->acquisitions);
		row.cells[2] = text_share(l->contended, l->acquisitions);
		row.cells[3] = row.cells[4] = row.cells[5] = none;
		row.cells[6] = row.cells[7] = none;
		if (l->wait->n) {
			row.cells[3] = text_duration(l->wait->sum_ns);
			row.cells[4] = text_duration(l->wait->p99_ns);
			row.cells[5] = text_duration(l->wait->max_ns);
		}
		if (l->hold->n) {
			row.cells[6] = text_duration(l->hold->p50_ns);
			row.cells[7] = text_duration(l->hold->max_ns);
		}
		page_row(&s->page, &table, &row);
		blame_line(s, l);
	}
	for (size_t i = 0; i < doc->n_lock_sums; i++)
		n_left += doc->lock_sums[i].n;
	n_left += doc->n_locks - n;
	if (n_left)
		page_print(&s->page, DIM,
			   "  %" PRIu64 " more: --verbose shows them\n",
			   n_left);
}

/* One point of the list of losses; the heading before the first. */
static void lost_line(const struct screen *s, bool *has_heading,
		      const char *text)
{
	if (!*has_heading)
		page_heading(&s->page, "Lost", NULL);
	*has_heading = true;
	page_paragraph(&s->page, 4, "  -", text);
}

static void lost_counts(const struct screen *s, bool *has_heading,
			const struct shown_process *p)
{
	static const char *const reasons[CMSHIM_N_LOSSES] = {
		[CMSHIM_LOST_EVENTS] =
			("events had no room (full disk, limit, sandbox) or "
			 "were of threads that have their maker's storage "
			 "(clone)"),
		[CMSHIM_LOST_OBJECTS] =
			"events were of more objects than can be followed",
		[CMSHIM_LOST_NESTED] =
			"events were in signal handlers inside one another",
		[CMSHIM_LOST_STACKS] = "events have no stack",
		[CMSHIM_LOST_FRAMES] = "stacks are cut short",
	};

	for (size_t i = 0; i < CMSHIM_N_LOSSES; i++)
		if (p->lost[i] && reasons[i])
			lost_line(s, has_heading,
				  arena_printf(s->mem, "%s %s",
					       text_count(p->lost[i]).text,
					       reasons[i]));
	if (p->n_gaps)
		lost_line(
			s, has_heading,
			arena_printf(s->mem,
				     "at %s places the order of events is not "
				     "known for sure",
				     text_count(p->n_gaps).text));
}

static void lost(const struct screen *s, const struct shown_process *p)
{
	bool has_heading = false;

	lost_counts(s, &has_heading, p);
	if (p->no_stacks)
		lost_line(s, &has_heading,
			  "stacks were not recorded (CMSHIM_STACKS=none)");
	if (p->truncated)
		lost_line(s, &has_heading, "the trace ends in the middle");
	if (p->damaged)
		lost_line(s, &has_heading,
			  arena_printf(s->mem,
				       "the trace is damaged: %s (at byte "
				       "%" PRIu64 ")",
				       p->damage ? p->damage : "unknown",
				       p->damage_at));
	for (size_t i = 0; i < p->n_unnamed; i++)
		lost_line(s, &has_heading,
			  arena_printf(s->mem, "no names from %s: %s",
				       p->unnamed[i].module,
				       p->unnamed[i].why));
}

static void not_seen(const struct screen *s, const struct document *doc)
{
	struct text text = { .mem = s->mem };

	for (size_t i = 0; i < doc->n_not_seen; i++)
		text_add(&text, "%s%s", i ? "; " : "", doc->not_seen[i]);
	text_add(&text, ".");
	page_heading(&s->page, "Never seen by this tool", NULL);
	page_paragraph(&s->page, 2, NULL, text_of(&text));
}

static int render(const struct document *doc, const struct render_options *how,
		  FILE *out)
{
	struct screen s = {
		.page = { .out = out,
			  .columns = how->columns ? how->columns : 80,
			  .colour = how->colour },
		.mem = arena_new(),
		.full = how->full_stacks,
		.has_many = doc->n_processes > 1,
	};

	if (doc->n_processes)
		verdict(&s, doc);
	findings(&s, doc);
	locks(&s, doc);
	screen_whatif(&s, doc);
	maptable_print(&s, doc);
	for (size_t i = 0; i < doc->n_processes; i++)
		lost(&s, doc->processes[i]);
	not_seen(&s, doc);
	arena_free(s.mem);
	return 0;
}

const struct renderer renderer_terminal = {
	.name = "terminal",
	.help = "for people",
	.is_for_people = true,
	.render = render,
};
