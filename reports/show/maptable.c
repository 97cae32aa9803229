/* SPDX-License-Identifier: MIT */
#include "show/maptable.h"

#include <inttypes.h>

#include "text.h"

enum {
	SHORT_MAPS = 10,    /* without --verbose */
	HOT_PERCENT = 20,   /* of the calls are for one key: worth a word */
	OFTEN_PERCENT = 50, /* of the calls have a lock held: the same */
};

static const struct short_text none = { "-" };

static bool is_listed(const struct screen *s, const struct shown_map *m)
{
	return s->full || m->n_threads > 1 || m->overlaps;
}

static struct short_text share_or_none(uint64_t part, uint64_t whole)
{
	return whole ? text_share(part, whole) : none;
}

static struct short_text part_of_calls(uint64_t n, uint64_t all)
{
	static const struct short_text nearly = { "nearly all" };
	static const struct short_text each = { "all" };

	if (n == all)
		return each;
	return n * 1000 >= all * 995 ? nearly : text_share(n, all);
}

static void add_guards(struct text *line, const struct shown_map *m)
{
	size_t n = 0;

	for (size_t i = 0; i < m->n_guards; i++) {
		const struct shown_guard *g = &m->guards[i];

		if (g->n * 100 < m->n_shared * OFTEN_PERCENT)
			continue;
		text_add(line, "%s%s%s in %s of the calls",
			 n++ ? ", " : "guarded by ", g->lock->name,
			 g->n_shared == g->n ? " (shared)" : "",
			 part_of_calls(g->n, m->n_shared).text);
	}
	if (!n && m->n_shared)
		text_add(line, "guarded by no lock");
}

/* What guards it, and whether one key is used more than others. */
static void remark_line(const struct screen *s, const struct shown_map *m)
{
	struct text line = { .mem = s->mem };

	add_guards(&line, m);
	if (m->n_keys && m->counts.lookups &&
	    m->keys[0].count * 100 >= m->n_keyed * HOT_PERCENT &&
	    m->n_keyed >= 100)
		text_add(&line, "%s%s of the calls by key are for one key",
			 line.n ? "; " : "",
			 text_share(m->keys[0].count, m->n_keyed).text);
	if (line.n)
		page_paragraph(&s->page, 6, NULL, text_of(&line));
}

static void map_row(const struct screen *s, const struct page_table *table,
		    const struct shown_map *m)
{
	struct page_row row = { .name = screen_object(s, m->object) };
	uint64_t n_calls = m->reads + m->writes;

	row.cells[1] = text_count(n_calls);
	row.cells[2] = share_or_none(m->reads, n_calls);
	row.cells[3] = share_or_none(m->counts.hits, m->counts.lookups);
	row.cells[4] = m->size.is_known ? text_count(m->size.now) : none;
	row.cells[5] = m->size.is_known ? text_count(m->size.most) : none;
	row.cells[6] = text_count(m->n_threads);
	row.cells[7] = m->overlaps ? text_count(m->overlaps) : none;
	page_row(&s->page, table, &row);
	remark_line(s, m);
}

void maptable_print(const struct screen *s, const struct document *doc)
{
	static const struct page_table table = {
		.titles = { "map", "calls", "reads", "found", "size", "most",
			    "threads", "overlaps" },
		.widths = { 0, 8, 8, 8, 8, 8, 9, 10 },
		.n_columns = 8,
	};
	uint64_t n_listed = 0, n_shown = 0, n_others;

	for (size_t i = 0; i < doc->n_maps; i++)
		n_listed += is_listed(s, &doc->maps[i]);
	n_others = doc->n_maps - n_listed;
	for (size_t i = 0; i < doc->n_map_sums; i++) {
		n_listed += doc->map_sums[i].n_shared;
		n_others += doc->map_sums[i].n - doc->map_sums[i].n_shared;
	}
	if (!doc->n_maps)
		return;
	page_heading(&s->page,
		     s->full || !n_listed ? "Maps" : "Maps that threads share",
		     n_listed ? "overlaps: conflicting calls that were inside "
				"at once"
			      : NULL);
	if (n_listed)
		page_titles(&s->page, &table);
	for (size_t i = 0; i < doc->n_maps; i++) {
		if (!is_listed(s, &doc->maps[i]) ||
		    (!s->full && n_shown == SHORT_MAPS))
			continue;
		map_row(s, &table, &doc->maps[i]);
		n_shown++;
	}
	if (n_shown < n_listed)
		page_print(&s->page, DIM,
			   "  %" PRIu64 " more: --verbose shows them\n",
			   n_listed - n_shown);
	if (n_others)
		page_print(&s->page, DIM,
			   "  %" PRIu64
			   " %smap%s used by one thread only: --verbose "
			   "shows %s\n",
			   n_others, n_listed ? "more " : "",
			   n_others == 1 ? "" : "s",
			   n_others == 1 ? "it" : "them");
}
