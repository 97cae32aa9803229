/* SPDX-License-Identifier: MIT */
/*
 * Pipes, pairs of sockets and eventfds that both ends are known of in this
 * process: what was done before something was put in comes before what is
 * done once it was taken out.
 *
 * A table says by descriptor which channel it puts into and which it takes
 * from; for any other descriptor a call costs a load and a branch.  A forked
 * child finds it empty: the ends it has are its parent's as well.  What closes
 * a descriptor out of our sight (fclose) leaves it in the table, which orders
 * more than is true, never less.
 */
#ifndef SHIM_DESCRIPTOR_H
#define SHIM_DESCRIPTOR_H

#include "context.h"

#define N_DESCRIPTORS 32768

/* Channels are numbered from 1; 0: none. */
struct descriptor {
	uint16_t out, in;
} __attribute__((aligned(4))); /* read and written as a whole */

/* Zeroed in a forked child.  Never NULL: empty until there is a table. */
extern struct descriptor *descriptors;
extern uint32_t n_descriptors;

/* Once, by the constructor. */
void descriptor_begin(void);

/* Whether the descriptor has ends in this process. */
HOT bool descriptor_matters(int fd)
{
	return (uint32_t)fd < n_descriptors &&
	       unlikely(__atomic_load_n((uint32_t *)(void *)&descriptors[fd],
					__ATOMIC_RELAXED) != 0);
}

/* About to put something in; has taken something out, or found the end. */
COLD void descriptor_give(const void *frame, int fd, uint32_t call);
COLD void descriptor_take(const void *frame, int fd, uint32_t call);

/* Made.  frame, call: the wrapper's. */
void descriptor_pipe(const void *frame, const int *fds, uint32_t call);
void descriptor_pair(const void *frame, const int *fds, uint32_t call);
void descriptor_event(const void *frame, int fd, uint32_t call);

/* copy stands for what fd does from now on. */
void descriptor_copy(int fd, int copy);

/* About to be closed: who finds the end comes after the last one's. */
void descriptor_close(const void *frame, int fd, uint32_t call);
void descriptor_close_all(const void *frame, uint32_t first, uint32_t last,
			  uint32_t call);

#endif
