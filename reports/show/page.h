/* SPDX-License-Identifier: MIT */
/*
 * Text for people on a page of so many columns: styles, wrapped sentences, a
 * table whose numbers stand under each other.
 */
#ifndef REPORTS_PAGE_H
#define REPORTS_PAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "text.h"

struct page {
	FILE *out;
	unsigned columns;
	bool colour;
};

enum style { PLAIN, BOLD, DIM, RED, YELLOW, CYAN, GREEN };

void page_print(const struct page *page, enum style style, const char *format,
		...) __attribute__((format(printf, 3, 4)));

/* An empty line and a heading, with a remark behind it or NULL. */
void page_heading(const struct page *page, const char *heading,
		  const char *remark);

/*
 * A paragraph, indented by so many columns, its first line beginning with
 * lead (which is as wide or narrower, or NULL).
 */
void page_paragraph(const struct page *page, unsigned indent, const char *lead,
		    const char *text);

enum { PAGE_MAX_COLUMNS = 12 };

/*
 * The first column is a name and takes the space that the others leave; a
 * name longer than that has a line to itself.
 */
struct page_table {
	const char *titles[PAGE_MAX_COLUMNS];
	unsigned widths[PAGE_MAX_COLUMNS]; /* of [1] and on: two are blank */
	size_t n_columns;
};

struct page_row {
	const char *name;
	struct short_text cells[PAGE_MAX_COLUMNS]; /* from [1] on */
};

void page_titles(const struct page *page, const struct page_table *table);
void page_row(const struct page *page, const struct page_table *table,
	      const struct page_row *row);

#endif
