/* SPDX-License-Identifier: MIT */
/*
 * For allocators.sh: threads that allocate in every way there is, hand blocks
 * to each other through a queue, and free what another has made.  Prints sums
 * that do not depend on who did what.
 *
 * build: -pthread -std=c++17
 */
#include <condition_variable>
#include <cstdint>
#include <cstring>
#include <deque>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "program.h"

struct alignas(128) wide {
	std::mutex lock;
	long value = 0;
};

struct object {
	std::mutex lock;
	std::string name;
	std::unique_ptr<wide> part = std::make_unique<wide>();
	long value = 0;
};

static std::mutex queue_lock;
static std::condition_variable queue_changed;
static std::deque<object *> queue;
static const int n_threads = 4, n_objects = 3000;

static void put(object *o)
{
	std::lock_guard<std::mutex> guard(queue_lock);

	queue.push_back(o);
	queue_changed.notify_one();
}

static object *get()
{
	std::unique_lock<std::mutex> guard(queue_lock);

	queue_changed.wait(guard, [] { return !queue.empty(); });
	object *o = queue.front();
	queue.pop_front();
	return o;
}

static long blocks(int i)
{
	size_t bytes = 16 + (size_t)(i * 37 % 5000);
	char *p = static_cast<char *>(malloc(bytes));
	char *zeros = static_cast<char *>(calloc(bytes, 2));
	void *aligned = nullptr;
	long sum = 0;

	must(p && zeros, "have memory");
	must(posix_memalign(&aligned, 4096, bytes) == 0, "have it aligned");
	must(((uintptr_t)aligned & 4095) == 0, "have it aligned");
	memset(p, i, bytes);
	memset(aligned, i, bytes);
	for (size_t n = bytes; n < 300000; n *= 3) {
		p = static_cast<char *>(realloc(p, n));
		must(p != nullptr, "have more");
	}
	for (size_t k = 0; k < bytes; k++)
		sum += p[k] + zeros[k] + static_cast<char *>(aligned)[k];
	p = static_cast<char *>(realloc(p, 8));
	free(p);
	free(zeros);
	free(aligned);
	free(nullptr);
	return sum;
}

static long use(object *o)
{
	std::lock_guard<std::mutex> guard(o->lock);
	std::lock_guard<std::mutex> inner(o->part->lock);

	o->part->value += (long)o->name.size();
	return o->value + o->part->value;
}

static void work(int seed, long *sum)
{
	std::map<int, std::vector<long>> map;

	for (int i = 0; i < n_objects; i++) {
		object *o = new object;

		o->name = std::string(i % 100, 'x');
		o->value = i;
		put(o);
		o = get();
		*sum += use(o);
		delete o;
		if (i % 10 == 0)
			*sum += blocks(i + seed);
		map[i % 64].push_back(i);
	}
	for (auto &entry : map)
		*sum += (long)entry.second.size();
}

int main()
{
	std::vector<std::thread> threads;
	long sums[n_threads] = {}, sum = 0;

	for (int i = 0; i < n_threads; i++)
		threads.emplace_back(work, i * 1000, &sums[i]);
	for (int i = 0; i < n_threads; i++) {
		threads[i].join();
		sum += sums[i];
	}
	printf("%ld\n", sum);
	return 0;
}
