/* SPDX-License-Identifier: MIT */
/*
 * What runs when a thread's function has returned, the destructors of its
 * variables and of its keys' data, comes before who has joined the thread.
 * "Apart" nobody joins it.
 *
 * build: -pthread -std=c++17
 * steps: 3
 */
#include <pthread.h>

#include "handover.h"

struct local {
	int step = -1;
	~local()
	{
		if (step >= 0)
			add(step);
	}
};

static thread_local local variable;
static pthread_key_t key;

static void end_key(void *data)
{
	static thread_local int rounds;

	/* The last of the rounds that POSIX promises. */
	if (++rounds < 4)
		pthread_setspecific(key, data);
	else
		add(static_cast<int>(reinterpret_cast<long>(data)));
}

static void *body(void *data)
{
	long step = reinterpret_cast<long>(data);

	if (step == 0)
		add(0);
	else if (step == 1)
		variable.step = 1;
	else
		pthread_setspecific(key, data);
	return nullptr;
}

int main(int argc, char **argv)
{
	begin(argc, argv);
	pthread_key_create(&key, end_key);
	for (long step = 0; step < 3; step++) {
		pthread_t t;

		if (pthread_create(&t, nullptr, body,
				   reinterpret_cast<void *>(step)) != 0)
			return 99;
		if (apart)
			pthread_detach(t);
		else
			pthread_join(t, nullptr);
		after_taking(static_cast<int>(step));
	}
	return end(3);
}
