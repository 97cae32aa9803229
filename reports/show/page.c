/* SPDX-License-Identifier: MIT */
/* See page.h.  Colours are those of ECMA-48, SGR. */
#include "show/page.h"

#include <stdarg.h>
#include <string.h>

static const char *const sequences[] = {
	[PLAIN] = "",		[BOLD] = "\033[1m",	 [DIM] = "\033[2m",
	[RED] = "\033[1;31m",	[YELLOW] = "\033[1;33m", [CYAN] = "\033[1;36m",
	[GREEN] = "\033[1;32m",
};

static void begin(const struct page *page, enum style style)
{
	if (page->colour && style != PLAIN)
		fputs(sequences[style], page->out);
}

static void end(const struct page *page, enum style style)
{
	if (page->colour && style != PLAIN)
		fputs("\033[0m", page->out);
}

void page_print(const struct page *page, enum style style, const char *format,
		...)
{
	va_list args;

	begin(page, style);
	va_start(args, format);
	vfprintf(page->out, format, args);
	va_end(args);
	end(page, style);
}

void page_heading(const struct page *page, const char *heading,
		  const char *remark)
{
	fputc('\n', page->out);
	page_print(page, BOLD, "%s", heading);
	if (remark)
		page_print(page, DIM, "  %s", remark);
	fputc('\n', page->out);
}

static void blanks(const struct page *page, size_t n)
{
	fprintf(page->out, "%*s", (int)n, "");
}

void page_paragraph(const struct page *page, unsigned indent, const char *lead,
		    const char *text)
{
	size_t at = lead ? text_width(lead) : 0;

	if (lead)
		fputs(lead, page->out);
	blanks(page, at < indent ? indent - at : 0);
	at = at < indent ? indent : at;

	while (*text) {
		size_t n = strcspn(text, " ");
		size_t width = 0;

		for (size_t i = 0; i < n; i++)
			width += ((unsigned char)text[i] & 0xc0) != 0x80;
		if (at > indent && at + 1 + width > page->columns) {
			fputc('\n', page->out);
			blanks(page, indent);
			at = indent;
		} else if (at > indent) {
			fputc(' ', page->out);
			at++;
		}
		fwrite(text, 1, n, page->out);
		at += width;
		text += n;
		text += strspn(text, " ");
	}
	fputc('\n', page->out);
}

/* Of the first column, which is indented by two. */
static size_t name_width(const struct page *page,
			 const struct page_table *table)
{
	size_t others = 2;

	for (size_t i = 1; i < table->n_columns; i++)
		others += table->widths[i];
	return page->columns > others + 16 ? page->columns - others : 16;
}

static void right(const struct page *page, unsigned width, const char *text)
{
	size_t n = text_width(text);

	blanks(page, n < width ? width - n : 1);
	fputs(text, page->out);
}

void page_titles(const struct page *page, const struct page_table *table)
{
	size_t width = name_width(page, table);

	begin(page, DIM);
	fprintf(page->out, "  %-*s", (int)width, table->titles[0]);
	for (size_t i = 1; i < table->n_columns; i++)
		right(page, table->widths[i], table->titles[i]);
	end(page, DIM);
	fputc('\n', page->out);
}

void page_row(const struct page *page, const struct page_table *table,
	      const struct page_row *row)
{
	size_t width = name_width(page, table);
	size_t n = text_width(row->name);

	fprintf(page->out, "  %s", row->name);
	if (n > width) {
		fputs("\n  ", page->out);
		n = 0;
	}
	blanks(page, width - n);
	for (size_t i = 1; i < table->n_columns; i++)
		right(page, table->widths[i], row->cells[i].text);
	fputc('\n', page->out);
}
