/* SPDX-License-Identifier: MIT */
/*
 * Two std::mutex in an object that is deleted, and two others in the next one
 * at the same address: no call says that they begin or end.
 *
 * expect: nothing
 */
#include "mutex_pair.h"

int main()
{
	pthread_t one = thread_start(forward, nullptr);
	pthread_t two = thread_start(backward, nullptr);
	const void *before;

	current = new pair;
	before = current;
	turn_end();
	turn_begin(2);
	delete current;
	current = new pair;
	must(current == before, "get the same address");
	turn_end();
	turn_begin(4);
	delete current;
	thread_end(one);
	thread_end(two);
	return 0;
}
