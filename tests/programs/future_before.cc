/* SPDX-License-Identifier: MIT */
/*
 * One thread adds to a tree after it has set a promise, another looks into it:
 * whatever the promise ordered, it was not these.
 *
 * build: -std=c++17 -pthread
 * expect: map-race-hb
 * says: warning: Nothing recorded orders two calls on a map
 */
#include <atomic>
#include <cstdio>
#include <future>
#include <sched.h>
#include <search.h>
#include <thread>

static std::promise<void **> promise;
static std::atomic<bool> is_there;
static int key;

static int compare(const void *a, const void *b)
{
	return (a > b) - (a < b);
}

static void look(std::future<void **> made)
{
	/* Keeps the two calls from meeting. */
	while (!is_there)
		sched_yield();
	std::printf("%d\n", tfind(&key, made.get(), compare) != nullptr);
}

int main()
{
	void *tree = nullptr;
	std::thread other(look, promise.get_future());

	promise.set_value(&tree);
	tsearch(&key, &tree, compare);
	is_there = true;
	other.join();
	return 0;
}
