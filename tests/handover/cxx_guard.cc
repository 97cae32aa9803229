/* SPDX-License-Identifier: MIT */
/*
 * Variables of functions: the initialisation, and one that threw, come before
 * what follows the call that found it done, or that did it then.  Compilers
 * call only where the guard's byte does not say that it is done; here it is
 * called as if it had not.
 *
 * build: -pthread -std=c++17
 * steps: 2
 * begun: 3
 */
#include <cxxabi.h>
#include <thread>

#include "handover.h"

using namespace __cxxabiv1;

static __guard guards[2];

static void taker()
{
	until_given(0);
	if (__cxa_guard_acquire(&guards[0]))
		exit(99);
	after_taking(0);

	until_given(1);
	if (!__cxa_guard_acquire(&guards[1]))
		exit(99);
	after_taking(1);
	__cxa_guard_release(&guards[1]);
}

int main(int argc, char **argv)
{
	begin(argc, argv);
	std::thread t(taker);
	for (int step = 0; step < 2; step++) {
		if (!__cxa_guard_acquire(&guards[step]))
			exit(99);
		before_giving(step);
		if (step == 0)
			__cxa_guard_release(&guards[step]);
		else
			__cxa_guard_abort(&guards[step]);
		after_giving(step);
	}
	t.join();
	return end(2);
}
