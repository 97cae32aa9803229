/* SPDX-License-Identifier: MIT */
/*
 * Promises: who sets one comes before who was waiting for it.  The C++ library
 * waits by futex(2), through syscall().  One that is set by the time it is
 * asked for is looked at, and no call is made: that is not seen.
 *
 * build: -pthread -std=c++17
 * steps: 5
 */
#include <future>
#include <stdexcept>
#include <thread>
#include <unistd.h>
#include <vector>

#include "../programs/in_futex.h"
#include "handover.h"

static std::vector<std::promise<int>> promises(5);
static std::vector<std::future<int>> futures;
static std::shared_future<int> shared;
static std::packaged_task<int()> task([] {
	before_giving(3);
	return 3;
});
static long waiter; /* kernel's */
static int asked[5];

static void get(int step)
{
	set(&asked[step]);
	switch (step) {
	case 1:
		futures[step].wait();
		break;
	case 2:
		try {
			futures[step].get();
			exit(99);
		} catch (const std::runtime_error &) {
		}
		break;
	case 4:
		if (shared.get() != step)
			exit(99);
		break;
	default:
		if (futures[step].get() != step)
			exit(99);
	}
	after_taking(step);
}

static void taker()
{
	waiter = syscall(SYS_gettid);
	for (int step = 0; step < 5; step++)
		get(step);
}

static void give(int step)
{
	until(&asked[step]);
	while (!is_in_futex(waiter))
		sched_yield();
	if (step == 3) {
		task();
		return;
	}
	before_giving(step);
	if (step == 2)
		promises[step].set_exception(
			std::make_exception_ptr(std::runtime_error("none")));
	else
		promises[step].set_value(step);
}

int main(int argc, char **argv)
{
	begin(argc, argv);
	for (int step = 0; step < 5; step++)
		futures.push_back(step == 3 ? task.get_future()
					    : promises[step].get_future());
	shared = futures[4].share();
	std::thread t(taker);
	for (int step = 0; step < 5; step++) {
		give(step);
		after_giving(step);
	}
	t.join();
	return end(5);
}
