/* SPDX-License-Identifier: MIT */
/*
 * Two std::mutex in an object that is deleted, and two others in the next one
 * at the same address: no call says that they begin or end.
 *
 * expect: nothing
 */
#include <mutex>

#include "program.h"

struct object {
	std::mutex a, b;
};

static object *volatile current;
static int turn;

static void wait_for(int n)
{
	while (__atomic_load_n(&turn, __ATOMIC_ACQUIRE) != n)
		sched_yield();
}

static void next_turn()
{
	__atomic_add_fetch(&turn, 1, __ATOMIC_ACQ_REL);
}

static void *forward(void *unused)
{
	wait_for(1);
	{
		std::lock_guard<std::mutex> one(current->a);
		std::lock_guard<std::mutex> two(current->b);
	}
	next_turn();
	return unused;
}

static void *backward(void *unused)
{
	wait_for(3);
	{
		std::lock_guard<std::mutex> one(current->b);
		std::lock_guard<std::mutex> two(current->a);
	}
	next_turn();
	return unused;
}

int main()
{
	pthread_t one = thread_start(forward, nullptr);
	pthread_t two = thread_start(backward, nullptr);
	const void *before;

	current = new object;
	before = current;
	next_turn();
	wait_for(2);
	delete current;
	current = new object;
	must(current == before, "get the same address");
	next_turn();
	wait_for(4);
	delete current;
	thread_end(one);
	thread_end(two);
	return 0;
}
