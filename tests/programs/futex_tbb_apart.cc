/* SPDX-License-Identifier: MIT */
/*
 * Threads of TBB that wait for work, and the two ends of a queue that is full
 * or empty at times: they sleep as they do for a tbb::mutex, which here is
 * each one's own.
 *
 * packages: libtbb-dev
 * build: -std=c++17 -pthread -ltbb
 * expect: nothing
 */
#include <atomic>
#include <chrono>
#include <cstdio>
#include <oneapi/tbb/concurrent_queue.h>
#include <oneapi/tbb/global_control.h>
#include <oneapi/tbb/mutex.h>
#include <oneapi/tbb/parallel_for.h>
#include <thread>

using namespace std::chrono_literals;

static tbb::mutex mutexes[8];
static tbb::concurrent_bounded_queue<int> queue;
static std::atomic<int> n;
static int sum;

static void take()
{
	for (int i = 0; i < 40; i++) {
		int piece;

		queue.pop(piece);
		sum += piece;
		/* First it is full, then empty. */
		if (i < 20)
			std::this_thread::sleep_for(1ms);
	}
}

static void loop()
{
	tbb::parallel_for(
		0, 8,
		[](int i) {
			tbb::mutex::scoped_lock held(mutexes[i]);

			std::this_thread::sleep_for(1ms);
			n++;
		},
		tbb::simple_partitioner());
}

int main()
{
	tbb::global_control threads(
		tbb::global_control::max_allowed_parallelism, 3);

	queue.set_capacity(2);
	std::thread taker(take);
	for (int i = 0; i < 40; i++) {
		queue.push(i);
		if (i >= 20)
			std::this_thread::sleep_for(1ms);
	}
	taker.join();
	for (int i = 0; i < 10; i++) {
		loop();
		std::this_thread::sleep_for(2ms);
	}
	std::printf("%d %d\n", n.load(), sum);
	return 0;
}
