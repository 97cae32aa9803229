/* SPDX-License-Identifier: MIT */
/*
 * Three threads want a tbb::mutex.  TBB looks often before it waits, and on a
 * busy machine may find it free: each holds it until the others wait.
 *
 * packages: libtbb-dev
 * build: -std=c++17 -pthread -ltbb
 * expect: perf-futex
 */
#include <atomic>
#include <chrono>
#include <cstdio>
#include <oneapi/tbb/mutex.h>
#include <sched.h>
#include <thread>
#include <unistd.h>

#include "in_futex.h"

using namespace std::chrono_literals;

static tbb::mutex mutex;
static std::atomic<long> ids[3]; /* kernel's; 0: not begun, -1: done */
static int n;

static bool waits(int who)
{
	long id = ids[who];

	return id < 0 || (id > 0 && is_in_futex(id));
}

static void work(int me)
{
	ids[me] = syscall(SYS_gettid);
	for (int i = 0; i < 20; i++) {
		{
			tbb::mutex::scoped_lock held(mutex);

			while (!waits((me + 1) % 3) || !waits((me + 2) % 3))
				sched_yield();
			std::this_thread::sleep_for(1ms);
			n++;
		}
		/* The next one's turn. */
		std::this_thread::sleep_for(1ms);
	}
	ids[me] = -1;
}

int main()
{
	std::thread one(work, 0), other(work, 1), third(work, 2);

	one.join();
	other.join();
	third.join();
	std::printf("%d\n", n);
	return 0;
}
