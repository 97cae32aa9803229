/* SPDX-License-Identifier: MIT */
/*
 * A jump out of each instruction in turn of a lock and an unlock, and of what
 * is recorded of them; behind each, two locks are taken 1000 times each.  The
 * handler that jumps is one that was installed by an instruction of the
 * program's own.  Prints how often each lock was taken, and how often it
 * jumped.  For loops.sh.
 */
#include <setjmp.h>
#include <signal.h>
#include <stdbool.h>
#include <sys/syscall.h>
#include <ucontext.h>

#include "program.h"

enum { TRAP_FLAG = 0x100, SA_RESTORER_ = 0x04000000 };

static const pthread_mutex_t unlocked = PTHREAD_MUTEX_INITIALIZER;
static pthread_mutex_t a, b;
static volatile long n_a, n_b, n_left;
static volatile int until;
static sigjmp_buf out;

static void single_step(int on)
{
	if (on)
		__asm__ volatile("pushfq; orq $0x100, (%%rsp); popfq" ::
					 : "cc", "memory");
	else
		__asm__ volatile("pushfq; andq $~0x100, (%%rsp); popfq" ::
					 : "cc", "memory");
}

static void stepped(int signo, siginfo_t *info, void *context)
{
	ucontext_t *c = context;

	(void)signo;
	(void)info;
	if (--until)
		return;
	c->uc_mcontext.gregs[REG_EFL] &= ~TRAP_FLAG;
	n_left++;
	siglongjmp(out, 1);
}

void return_from_handler(void);
__asm__(".globl return_from_handler\n"
	"return_from_handler: mov $15, %eax\n"
	"syscall\n");

static void install(void)
{
	const struct {
		void (*handler)(int, siginfo_t *, void *);
		unsigned long flags;
		void (*restorer)(void);
		unsigned long mask;
	} action = { stepped, SA_SIGINFO | SA_RESTORER_, return_from_handler,
		     0 };
	register long mask_bytes __asm__("r10") = 8;
	long result = SYS_rt_sigaction;

	__asm__ volatile("syscall"
			 : "+a"(result)
			 : "D"(SIGTRAP), "S"(&action), "d"(NULL),
			   "r"(mask_bytes)
			 : "rcx", "r11", "memory");
	must(result == 0, "install a handler");
}

/* All from one place each. */
__attribute__((noinline)) static void turn(int times_a, int times_b)
{
	while (times_a--) {
		pthread_mutex_lock(&a);
		pthread_mutex_unlock(&a);
		n_a++;
	}
	while (times_b--) {
		pthread_mutex_lock(&b);
		pthread_mutex_unlock(&b);
		n_b++;
	}
}

int main(void)
{
	/* The second is left; of the third it shows if something was. */
	static const int times[3][2] = { { 2, 2 }, { 1, 0 }, { 1000, 1000 } };
	/* None the first time, so that all is known by then that is asked for
	   once, with signals blocked. */
	volatile int steps = 0, phase;
	volatile bool is_over = false;

	install();
	for (; !is_over; steps++) {
		for (phase = 0; phase < 3; phase++) {
			/* They may have been left locked. */
			a = b = unlocked;
			if (sigsetjmp(out, 1))
				continue;
			until = steps;
			single_step(phase == 1 && steps);
			turn(times[phase][0], times[phase][1]);
			single_step(0);
			is_over |= phase == 1 && until > 0;
		}
	}
	printf("%ld %ld %ld\n", n_a, n_b, n_left);
	return 0;
}
