/* SPDX-License-Identifier: MIT */
/*
 * For hostile.sh: as many events as a small disk has no room for, and a
 * result that shows whether the program came to harm.
 */
#include "much.h"

int main(void)
{
	pthread_t t = thread_start(much_body, NULL);

	much_locking(0, 100);
	thread_end(t);
	printf("unharmed\n");
	return 6;
}
