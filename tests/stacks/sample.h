/* SPDX-License-Identifier: MIT */
/*
 * The side file of walk_often.c, which compare_stacks.c holds against the
 * trace: words of 64 bits.
 *
 *	first and last address of the locks that count
 *	then samples: thread, event, n, n return addresses, innermost first
 *
 * thread is the kernel's number; event counts the thread's acquires of those
 * locks from 0; a sample with n = 0 ends the thread: event says how many
 * there were.
 */
#ifndef TESTS_SAMPLE_H
#define TESTS_SAMPLE_H

#define SAMPLE_MAX_FRAMES 200

#endif
