/* SPDX-License-Identifier: MIT */
/*
 * For allocators.sh: two locks in a block, given back by each operator delete
 * there is, and two others in a later block at the same address.  A thread
 * takes the first two in one order, another the others in the opposite one.
 * With the argument "kept" the first two are used all the time.
 *
 * build: -pthread -std=c++17
 */
#include <new>
#include <vector>

#include "mutex_pair.h"

static const std::align_val_t align{ 64 };
/* For a pair; a multiple of the alignment, as some allocators want it. */
static const std::size_t bytes = 128;
static_assert(sizeof(pair) <= bytes, "room");

static const struct {
	void *(*get)();
	void (*give)(void *p);
} ways[] = {
#define WAY(array, how_new, how_delete)                                   \
	{                                                                 \
		[] { return operator new array how_new; },                \
			[](void *p) { operator delete array how_delete; } \
	}
	WAY(, (bytes), (p)),
	WAY(, (bytes), (p, bytes)),
	WAY(, (bytes, std::nothrow), (p, std::nothrow)),
	WAY(, (bytes, align), (p, align)),
	WAY(, (bytes, align), (p, bytes, align)),
	WAY(, (bytes, align, std::nothrow), (p, align, std::nothrow)),
	WAY([], (bytes), (p)),
	WAY([], (bytes), (p, bytes)),
	WAY([], (bytes, std::nothrow), (p, std::nothrow)),
	WAY([], (bytes, align), (p, align)),
	WAY([], (bytes, align), (p, bytes, align)),
	WAY([], (bytes, align, std::nothrow), (p, align, std::nothrow)),
};

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
		turn_restart();
		pthread_t one = thread_start(forward, nullptr);
		pthread_t two = thread_start(backward, nullptr);
		void *p = way.get();

		current = new (p) pair;
		turn_end();
		turn_begin(2);
		if (!kept) {
			way.give(p);
			current = new (get_again(way.get, way.give, p)) pair;
		}
		turn_end();
		turn_begin(4);
		way.give(p);
		thread_end(one);
		thread_end(two);
	}
	puts("done");
	return 0;
}
