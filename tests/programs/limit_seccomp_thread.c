/* SPDX-License-Identifier: MIT */
/*
 * Behind a filter that kills for most of what beginning to record takes,
 * a thread is made.
 *
 * loss: may
 * expect: nothing
 */
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <sys/prctl.h>
#include <sys/syscall.h>

#include "program.h"

#define KILL(name)                                             \
	BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_##name, 0, 1), \
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_KILL_PROCESS)

static pthread_mutex_t m = PTHREAD_MUTEX_INITIALIZER;

static void *body(void *unused)
{
	pthread_mutex_lock(&m);
	pthread_mutex_unlock(&m);
	return unused;
}

int main(void)
{
	static struct sock_filter code[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS,
			 offsetof(struct seccomp_data, nr)),
		KILL(openat),
		KILL(fallocate),
		KILL(getpid),
		KILL(getppid),
		KILL(gettid),
		KILL(tgkill),
		KILL(prlimit64),
		KILL(process_vm_readv),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};
	struct sock_fprog program = {
		.len = sizeof(code) / sizeof(code[0]),
		.filter = code,
	};

	pthread_mutex_lock(&m);
	pthread_mutex_unlock(&m);
	must(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0, "give up rights");
	must(prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) == 0,
	     "set the filter");
	thread_end(thread_start(body, NULL));
	puts("still here");
	return 0;
}
