/* SPDX-License-Identifier: MIT */
/*
 * Runs a program as if nobody stood between it and whoever runs us.
 *
 * The program sees the same signals, limits and descriptors as without us.
 * Whoever runs us sees its exit status, and if a signal killed it, the same
 * death of ours, as strace does it: a shell's $? and a script's reaction to
 * ^C stay what they were.
 */
#ifndef TOOLS_CMSHIM_LAUNCH_H
#define TOOLS_CMSHIM_LAUNCH_H

#include <sys/types.h>

/*
 * Runs path, as execvp(3) does, until it ends.  prepare(data) is called in
 * the child and returns 0 or an errno value.
 *
 * Returns 0 with the pid the program had and its status as waitpid(2) gives
 * it, or what fail() returned if it could not be run.
 */
int launch(const char *path, char **argv, int (*prepare)(void *data),
	   void *data, pid_t *pid, int *status);

/*
 * Dies of the signal the program died of; else returns its exit status.
 */
int launch_end_alike(int status);

#endif
