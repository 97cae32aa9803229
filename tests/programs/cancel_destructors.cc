/* SPDX-License-Identifier: MIT */
/*
 * Cancelling a C++ thread unwinds it: destructors run, catch (...) sees the
 * unwinding and passes it on, the mutex is given back by its guard.
 *
 * expect: nothing
 * allow: perf-hot
 */
#include <condition_variable>
#include <cxxabi.h>
#include <mutex>

#include "program.h"

static std::mutex m;
static std::condition_variable_any any;
static pthread_cond_t c = PTHREAD_COND_INITIALIZER;
static bool waits;

struct noisy {
	const char *name;
	~noisy()
	{
		printf("~%s\n", name);
	}
};

static void wait_for_ever()
{
	noisy inner{ "inner" };

	waits = true;
	for (;;)
		pthread_cond_wait(&c, m.native_handle());
}

static void *waiter(void *unused)
{
	noisy outer{ "outer" };
	std::unique_lock<std::mutex> guard(m);

	try {
		wait_for_ever();
	} catch (abi::__forced_unwind &) {
		printf("unwinding\n");
		throw;
	} catch (...) {
		printf("something else\n");
		throw;
	}
	return unused;
}

int main()
{
	for (int i = 0; i < 3; i++) {
		pthread_t t = thread_start(waiter, nullptr);

		for (bool in = false; !in; sched_yield()) {
			std::lock_guard<std::mutex> guard(m);
			in = waits;
		}
		pthread_cancel(t);
		IS(1, thread_end(t) == PTHREAD_CANCELED);
		waits = false;
	}
	IS(1, m.try_lock());
	m.unlock();
	return 0;
}
