/* SPDX-License-Identifier: MIT */
/*
 * The test suites: one tests/unit/test_<module>.c each, which defines
 * suite_<module>().  The build makes the list from the directory.
 */
#ifndef TESTS_UNIT_SUITES_H
#define TESTS_UNIT_SUITES_H

#include <check.h>

#define X(name) Suite *suite_##name(void);
#include "suites.inc"
#undef X

#endif
