/* SPDX-License-Identifier: MIT */
/*
 * What runs after a thread's function has returned may lock too: C++
 * thread_local destructors, then key destructors, several rounds of them;
 * and the order stays what it is.
 *
 * expect: nothing
 */
#include <mutex>

#include "program.h"

static std::mutex m;
static pthread_key_t first;
static pthread_key_t second;

struct local {
	int number;
	~local()
	{
		std::lock_guard<std::mutex> guard(m);
		printf("thread_local %d\n", number);
	}
};

static thread_local local one{ 1 };
static thread_local local two{ 2 };

static void end_first(void *value)
{
	std::lock_guard<std::mutex> guard(m);
	long n = reinterpret_cast<long>(value);

	printf("first key, round %ld\n", n);
	if (n < 4)
		pthread_setspecific(first, reinterpret_cast<void *>(n + 1));
}

static void end_second(void *)
{
	std::lock_guard<std::mutex> guard(m);
	printf("second key\n");
}

static void *body(void *unused)
{
	printf("%d %d\n", one.number, two.number);
	pthread_setspecific(first, reinterpret_cast<void *>(1));
	pthread_setspecific(second, &one);
	return unused;
}

int main()
{
	pthread_key_create(&first, end_first);
	pthread_key_create(&second, end_second);
	for (int i = 0; i < 3; i++)
		thread_end(thread_start(body, nullptr));
	body(nullptr);
	return 0;
}
