/* SPDX-License-Identifier: MIT */
/*
 * A finished report, written down by hand, for the renderers: a race with
 * inlined, nameless and library frames, a contended lock, a lock nobody waited
 * for, losses of every kind, names that JSON must escape.
 */
#ifndef TESTS_FAKE_DOCUMENT_H
#define TESTS_FAKE_DOCUMENT_H

#include "report/report_view.h"

/* The same each time; static storage. */
const struct document *fake_document(void);

/* A run with nothing to tell. */
const struct document *fake_quiet_document(void);

#endif
