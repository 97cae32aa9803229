/* SPDX-License-Identifier: MIT */
/*
 * A filter that kills the process for every system call but a few: after it
 * the program only locks, writes and leaves.
 *
 * loss: may
 * expect: nothing
 * allow: perf-hot
 */
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <sys/prctl.h>
#include <sys/syscall.h>

#include "much.h"

#define ALLOW(name)                                            \
	BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_##name, 0, 1), \
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW)

static pthread_mutex_t m = PTHREAD_MUTEX_INITIALIZER;
static int filtered;
static int finished;

static void filter_now(void)
{
	static struct sock_filter code[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS,
			 offsetof(struct seccomp_data, nr)),
		ALLOW(write),
		ALLOW(futex),
		ALLOW(sched_yield),
		ALLOW(exit_group),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_KILL_PROCESS),
	};
	struct sock_fprog program = {
		.len = sizeof(code) / sizeof(code[0]),
		.filter = code,
	};

	must(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0, "give up rights");
	must(prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) == 0,
	     "set the filter");
}

static void work(int set)
{
	for (int i = 0; i < 50; i++) {
		pthread_mutex_lock(&m);
		much_locking(set, 1);
		pthread_mutex_unlock(&m);
	}
}

/* The filter is a thread's own, so each sets it; then none of them ends. */
static void *body(void *unused)
{
	pthread_mutex_lock(&m);
	pthread_mutex_unlock(&m);
	filter_now();
	meet(&filtered, 2);
	work(1);
	meet(&finished, 2);
	for (;;)
		sched_yield();
	return unused;
}

int main(void)
{
	static const char text[] = "still here\n";

	thread_start(body, NULL);
	filter_now();
	meet(&filtered, 2);
	work(0);
	meet(&finished, 2);
	must(write(1, text, sizeof(text) - 1) == sizeof(text) - 1, "write");
	_exit(13);
}
