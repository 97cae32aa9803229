/* SPDX-License-Identifier: MIT */
/*
 * Two threads insert into a tree, one after the other by way of another
 * process: it is told by the one and tells the other.  Each process sees its
 * own calls only, so it is no more than a note that nothing orders the two.
 *
 * traces: 2
 * expect: map-race-hb
 * says: note: Nothing recorded orders two calls on a map
 * allow: perf-hot
 */
#include <semaphore.h>
#include <sys/mman.h>
#include <sys/wait.h>

#include "unordered.h"

static struct shared {
	sem_t there, back;
} * shared;

static void *inserter(void *unused)
{
	must(sem_wait(&shared->back) == 0, "use a semaphore");
	insert(2);
	return unused;
}

static void hand_back(void)
{
	must(sem_wait(&shared->there) == 0, "use a semaphore");
	must(sem_post(&shared->back) == 0, "use a semaphore");
	exit(0);
}

int main(void)
{
	pthread_t t;
	pid_t child;
	int status;

	shared = (struct shared *)mmap(NULL, sizeof(*shared),
				       PROT_READ | PROT_WRITE,
				       MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	must(shared != MAP_FAILED, "map shared memory");
	must(sem_init(&shared->there, 1, 0) == 0, "use a semaphore");
	must(sem_init(&shared->back, 1, 0) == 0, "use a semaphore");
	child = fork();
	if (!child)
		hand_back();
	t = thread_start(inserter, NULL);
	insert(1);
	must(sem_post(&shared->there) == 0, "use a semaphore");
	thread_end(t);
	must(waitpid(child, &status, 0) == child, "wait");
	printf("%d\n", is_there(1) + is_there(2));
	return 0;
}
