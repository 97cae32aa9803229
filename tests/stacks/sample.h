/* SPDX-License-Identifier: MIT */
/*
 * The side file of walk_often.c, which compare_stacks.c holds against the
 * trace: words of 64 bits.
 *
 *	first and last address of the locks that count
 *	then samples: thread, event, n, n return addresses, innermost first
 *
 * thread is the kernel's number; event counts the thread's acquires of those
 * locks from 0.  A sample without frames is a thread's last: event says how
 * many acquires there were.
 */
#ifndef TESTS_SAMPLE_H
#define TESTS_SAMPLE_H

#define SAMPLE_HEAD	  3 /* words before the addresses */
#define SAMPLE_MAX_FRAMES 127

#endif
