/* SPDX-License-Identifier: MIT */
/*
 * plugin_lock() takes a lock, with a frame of FRAME_BYTES, an odd number of
 * words and more than 127 bytes.  Libraries that differ in that number only
 * have the same code, and the same layout.  All words of the frame hold what
 * is no address.
 */
#include <pthread.h>

int plugin_lock(pthread_mutex_t *m);

#define TEXT_(x) #x
#define TEXT(x)	 TEXT_(x)

#if defined(__x86_64__)
__asm__(".text\n"
	".globl plugin_lock\n"
	".type plugin_lock, @function\n"
	"plugin_lock:\n"
	".cfi_startproc\n"
	"sub $" TEXT(
		FRAME_BYTES) ", %rsp\n"
			     ".cfi_adjust_cfa_offset " TEXT(
				     FRAME_BYTES) "\n"
						  "mov %rdi, %rdx\n"
						  "mov %rsp, %rdi\n"
						  "mov $" TEXT(
							  FRAME_BYTES) " / 8, %ecx\n"
								       "mov $0x1111, %eax\n"
								       "rep stosq\n"
								       "mov %rdx, %rdi\n"
								       "call pthread_mutex_lock@plt\n"
								       "add $" TEXT(
									       FRAME_BYTES) ", %rsp\n"
											    ".cfi_adjust_cfa_offset -" TEXT(
												    FRAME_BYTES) "\n"
														 "ret\n"
														 ".cfi_endproc\n"
														 ".size plugin_lock, . - plugin_lock\n");
#else
int plugin_lock(pthread_mutex_t *m)
{
	return pthread_mutex_lock(m);
}
#endif
