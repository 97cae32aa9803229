/* SPDX-License-Identifier: MIT */
/*
 * Children made by the bare system call while another thread loads and unloads
 * a library, and so is inside the recorder most of the time.
 *
 * traces: 41
 * expect: nothing
 */
#include <dlfcn.h>
#include <signal.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include "program.h"

#define CHILDREN 40

static pthread_mutex_t m = PTHREAD_MUTEX_INITIALIZER;
static int over;

static void *load(void *unused)
{
	while (!__atomic_load_n(&over, __ATOMIC_ACQUIRE)) {
		void *library = dlopen("libm.so.6", RTLD_NOW);

		must(library && dlclose(library) == 0, "load a library");
	}
	return unused;
}

int main(void)
{
	pthread_t t = thread_start(load, NULL);

	for (int i = 0; i < CHILDREN; i++) {
		long pid = syscall(SYS_clone, SIGCHLD, 0, 0, 0, 0);
		int status = 1;

		if (!pid) {
			pthread_mutex_lock(&m);
			pthread_mutex_unlock(&m);
			_exit(0);
		}
		must(waitpid((pid_t)pid, &status, 0) == pid, "wait");
		must(status == 0, "have a child end well");
	}
	__atomic_store_n(&over, 1, __ATOMIC_RELEASE);
	thread_end(t);
	puts("all ended");
	return 0;
}
