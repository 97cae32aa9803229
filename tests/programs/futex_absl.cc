/* SPDX-License-Identifier: MIT */
/*
 * Three threads want an absl::Mutex, each for 2 ms at a time.  Abseil's own
 * spin locks may be waited for as well, when other programs run.
 *
 * packages: libabsl-dev
 * build: -std=c++17 -pthread $(pkg-config --cflags --libs absl_synchronization)
 * expect: perf-futex
 * allow: perf-futex
 */
#include <absl/synchronization/mutex.h>
#include <chrono>
#include <cstdio>
#include <thread>

using namespace std::chrono_literals;

static absl::Mutex mutex;
static int n;

static void work()
{
	for (int i = 0; i < 20; i++) {
		{
			absl::MutexLock held(&mutex);
			std::this_thread::sleep_for(2ms);
			n++;
		}
		/* The next one's turn. */
		std::this_thread::sleep_for(100us);
	}
}

int main()
{
	std::thread one(work), other(work), third(work);

	one.join();
	other.join();
	third.join();
	std::printf("%d\n", n);
	return 0;
}
