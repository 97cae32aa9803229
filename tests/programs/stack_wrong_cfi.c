/* SPDX-License-Identifier: MIT */
/*
 * Assembly whose unwind information is wrong: it says that rbp points to the
 * frame, and rbp holds another number.
 *
 * loss: may
 * expect: nothing
 */
#include "program.h"

#if defined(__x86_64__)
int lock_oddly(pthread_mutex_t *m);
__asm__(".text\n"
	".type lock_oddly, @function\n"
	"lock_oddly:\n"
	".cfi_startproc\n"
	"push %rbp\n"
	".cfi_def_cfa rbp, 16\n"
	".cfi_offset rbp, -16\n"
	"mov $0x123450, %rbp\n"
	"call pthread_mutex_lock@plt\n"
	"pop %rbp\n"
	"ret\n"
	".cfi_endproc\n"
	".size lock_oddly, . - lock_oddly\n");
#else
#define lock_oddly pthread_mutex_lock
#endif

int main(void)
{
	static pthread_mutex_t m = PTHREAD_MUTEX_INITIALIZER;

	IS(0, lock_oddly(&m));
	pthread_mutex_unlock(&m);
	return 0;
}
