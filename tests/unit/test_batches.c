/* SPDX-License-Identifier: MIT */
/* Who works on a ring of batches, and in which order. */
#include "batches.h"

#include <pthread.h>
#include <stdatomic.h>

#include "suites.h"

enum { N_READERS = 2, N_BATCHES = 500, FEW = 5 };

struct line {
	struct batches *batches;
	atomic_uint n_inside[N_READERS + STAGE_FIRST_READER];
	uint64_t n_done[N_READERS + STAGE_FIRST_READER];
	atomic_bool has_failed;

	/* The first batch of the first reader takes until the second one has
	   read a few. */
	bool is_slow;
	pthread_mutex_t lock;
	pthread_cond_t read;
	uint64_t n_read; /* by the second one */
};

static void wait_for_the_other(struct line *line)
{
	pthread_mutex_lock(&line->lock);
	while (line->n_read < FEW)
		pthread_cond_wait(&line->read, &line->lock);
	pthread_mutex_unlock(&line->lock);
}

static void read_batch(struct line *line, const struct turn *turn)
{
	size_t reader = turn->stage - STAGE_FIRST_READER;

	if (turn->batch->n != 1 ||
	    turn->batch->events[0].seq != line->n_done[turn->stage])
		line->has_failed = true;
	if (reader == 0 && line->is_slow && line->n_done[turn->stage] == 0)
		wait_for_the_other(line);
	if (reader == 1) {
		pthread_mutex_lock(&line->lock);
		line->n_read++;
		pthread_cond_broadcast(&line->read);
		pthread_mutex_unlock(&line->lock);
	}
}

static void *work(void *arg)
{
	struct line *line = arg;
	struct turn turn = { .stage = STAGE_FILL };

	while (batches_turn(line->batches, &turn)) {
		uint64_t *n = &line->n_done[turn.stage];

		if (line->n_inside[turn.stage]++)
			line->has_failed = true;
		if (turn.stage == STAGE_FILL) {
			turn.batch->n = 1;
			turn.batch->events[0].seq = *n;
			turn.is_last = *n + 1 == N_BATCHES;
		} else {
			read_batch(line, &turn);
		}
		++*n;
		line->n_inside[turn.stage]--;
	}
	return NULL;
}

static void run_line(struct line *line, size_t n_threads)
{
	pthread_t others[2];

	line->batches = batches_new(N_READERS, n_threads);
	pthread_mutex_init(&line->lock, NULL);
	pthread_cond_init(&line->read, NULL);
	for (size_t i = 0; i + 1 < n_threads; i++)
		ck_assert_int_eq(pthread_create(&others[i], NULL, work, line),
				 0);
	work(line);
	for (size_t i = 0; i + 1 < n_threads; i++)
		pthread_join(others[i], NULL);
	batches_free(line->batches);
	ck_assert(!line->has_failed);
	for (size_t i = 0; i < N_READERS + STAGE_FIRST_READER; i++)
		ck_assert_uint_eq(line->n_done[i], N_BATCHES);
}

START_TEST(one_thread_does_it_all)
{
	struct line line = { .is_slow = false };

	run_line(&line, 1);
}
END_TEST

START_TEST(each_reader_gets_each_batch_in_order_from_one_thread_at_a_time)
{
	struct line line = { .is_slow = false };

	run_line(&line, 3);
}
END_TEST

/* Two threads, of which one is stuck: the other one has to fill and to read. */
START_TEST(thread_without_work_goes_where_there_is_some)
{
	struct line line = { .is_slow = true };

	run_line(&line, 2);
}
END_TEST

Suite *suite_batches(void)
{
	Suite *s = suite_create("batches");
	TCase *tc = tcase_create("all");

	tcase_add_test(tc, one_thread_does_it_all);
	tcase_add_test(
		tc,
		each_reader_gets_each_batch_in_order_from_one_thread_at_a_time);
	tcase_add_test(tc, thread_without_work_goes_where_there_is_some);
	suite_add_tcase(s, tc);
	return s;
}
