/* SPDX-License-Identifier: MIT */
/*
 * For allocators.sh: two locks in a block, given back by each operator delete
 * there is, and two others in a later block at the same address.  A thread
 * takes the first two in one order, another the others in the opposite one.
 * With the argument "kept" the first two are used all the time.
 *
 * build: -pthread -std=c++17
 */
#include <mutex>
#include <new>
#include <vector>

#include "program.h"

struct alignas(64) pair {
	std::mutex a, b;
};

static const std::align_val_t align{ 64 };

static const struct {
	void *(*get)();
	void (*give)(void *p);
} ways[] = {
#define WAY(array, how_new, how_delete)                                   \
	{                                                                 \
		[] { return operator new array how_new; },                \
			[](void *p) { operator delete array how_delete; } \
	}
	WAY(, (sizeof(pair)), (p)),
	WAY(, (sizeof(pair)), (p, sizeof(pair))),
	WAY(, (sizeof(pair), std::nothrow), (p, std::nothrow)),
	WAY(, (sizeof(pair), align), (p, align)),
	WAY(, (sizeof(pair), align), (p, sizeof(pair), align)),
	WAY(, (sizeof(pair), align, std::nothrow), (p, align, std::nothrow)),
	WAY([], (sizeof(pair)), (p)),
	WAY([], (sizeof(pair)), (p, sizeof(pair))),
	WAY([], (sizeof(pair), std::nothrow), (p, std::nothrow)),
	WAY([], (sizeof(pair), align), (p, align)),
	WAY([], (sizeof(pair), align), (p, sizeof(pair), align)),
	WAY([], (sizeof(pair), align, std::nothrow), (p, align, std::nothrow)),
};

static pair *current;
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

/* Allocators give a block again at once, or when its neighbours are gone. */
static void *get_again(void *(*get)(), void (*give)(void *p),
		       const void *wanted)
{
	std::vector<void *> others;
	void *p = get();

	others.reserve(100000);
	while (p != wanted && others.size() < others.capacity()) {
		others.push_back(p);
		p = get();
	}
	must(p == wanted, "get the same address");
	for (void *other : others)
		give(other);
	return p;
}

int main(int argc, char **)
{
	const bool kept = argc > 1;

	for (auto &way : ways) {
		turn = 0;
		pthread_t one = thread_start(forward, nullptr);
		pthread_t two = thread_start(backward, nullptr);
		void *p = way.get();

		current = new (p) pair;
		next_turn();
		wait_for(2);
		if (!kept) {
			way.give(p);
			current = new (get_again(way.get, way.give, p)) pair;
		}
		next_turn();
		wait_for(4);
		way.give(p);
		thread_end(one);
		thread_end(two);
	}
	puts("done");
	return 0;
}
