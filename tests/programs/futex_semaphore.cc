/* SPDX-License-Identifier: MIT */
/*
 * A C++20 semaphore that is used as a lock: who waited for it wakes the next.
 *
 * build: -std=c++20 -pthread
 * expect: perf-futex
 */
#include <chrono>
#include <cstdio>
#include <semaphore>
#include <thread>

using namespace std::chrono_literals;

static std::counting_semaphore<1> lock(1);
static int n;

static void work()
{
	for (int i = 0; i < 20; i++) {
		lock.acquire();
		std::this_thread::sleep_for(2ms);
		n++;
		lock.release();
		/* The other one has its turn. */
		std::this_thread::sleep_for(1ms);
	}
}

int main()
{
	std::thread other(work);

	work();
	other.join();
	std::printf("%d\n", n);
	return 0;
}
