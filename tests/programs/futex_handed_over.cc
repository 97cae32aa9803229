/* SPDX-License-Identifier: MIT */
/*
 * C++20's latch, barrier-like counting and atomic waits hand work over: those who
 * wait are not those who wake, and nothing is a lock.
 *
 * build: -std=c++20 -pthread
 * expect: nothing
 */
#include <atomic>
#include <chrono>
#include <cstdio>
#include <latch>
#include <semaphore>
#include <thread>

using namespace std::chrono_literals;

static std::latch begun(1);
static std::atomic<int> step;
static std::counting_semaphore<100> pieces(0);
static int n;

static void work()
{
	begun.wait();
	for (int i = 1; i <= 5; i++) {
		int now;

		while ((now = step.load()) < i)
			step.wait(now);
	}
	for (int i = 0; i < 20; i++) {
		pieces.acquire();
		n++;
	}
}

int main()
{
	std::thread other(work);

	std::this_thread::sleep_for(5ms);
	begun.count_down();
	for (int i = 1; i <= 5; i++) {
		std::this_thread::sleep_for(5ms);
		step.store(i);
		step.notify_one();
	}
	for (int i = 0; i < 20; i++) {
		std::this_thread::sleep_for(2ms);
		pieces.release();
	}
	other.join();
	std::printf("%d\n", n);
	return 0;
}
