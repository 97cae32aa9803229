/* SPDX-License-Identifier: MIT */
/*
 * A future that is ready when it is asked makes no call, so that who set it
 * comes before who has it is not to be seen: two users of a tree that it hands
 * over are no more than a note.
 *
 * build: -std=c++17 -pthread
 * expect: map-race-hb
 * says: note: Nothing recorded orders two calls on a map
 */
#include <atomic>
#include <cstdio>
#include <future>
#include <sched.h>
#include <search.h>
#include <thread>

static std::promise<void **> promise;
static std::atomic<bool> is_set;
static int key;

static int compare(const void *a, const void *b)
{
	return (a > b) - (a < b);
}

static void look(std::future<void **> made)
{
	/* By then it is ready; what orders the two is get(). */
	while (!is_set)
		sched_yield();
	std::printf("%d\n", tfind(&key, made.get(), compare) != nullptr);
}

int main()
{
	void *tree = nullptr;
	std::thread other(look, promise.get_future());

	tsearch(&key, &tree, compare);
	promise.set_value(&tree);
	is_set = true;
	other.join();
	return 0;
}
