/* SPDX-License-Identifier: MIT */
/*
 * What the C++ library orders threads by reaches libc by name: mutexes of each
 * kind, conditions, call_once, threads, futures of async.
 *
 * build: -pthread -std=c++20
 * steps: 13
 * taken: 2 plain
 * taken: 2 timed
 * taken: 2 recursive
 * taken: 2 recursive_timed
 * taken: 4 shared
 * taken: 4 shared_timed
 * taken: 2 abandoned
 */
#include <chrono>
#include <condition_variable>
#include <future>
#include <mutex>
#include <shared_mutex>
#include <thread>

#include "handover.h"

static std::mutex plain;
static std::timed_mutex timed;
static std::recursive_mutex recursive;
static std::recursive_timed_mutex recursive_timed;
static std::shared_mutex shared;
static std::shared_timed_mutex shared_timed;
static std::mutex abandoned;
static std::once_flag once;

static const auto a_minute = std::chrono::minutes(1);

/* Takes and gives up; as a reader where the lock knows them. */
static void with_lock(int step, bool giver)
{
	auto inside = [=] {
		if (giver)
			before_giving(step);
	};

	switch (step) {
	case 0: {
		std::lock_guard<std::mutex> l(plain);
		inside();
		break;
	}
	case 1:
		if (!timed.try_lock_for(a_minute))
			exit(99);
		inside();
		timed.unlock();
		break;
	case 2: {
		std::lock_guard<std::recursive_mutex> l(recursive);
		inside();
		break;
	}
	case 3:
		if (!recursive_timed.try_lock_until(
			    std::chrono::system_clock::now() + a_minute))
			exit(99);
		inside();
		recursive_timed.unlock();
		break;
	case 4:
	case 5:
		if (giver == (step == 4)) {
			std::unique_lock<std::shared_mutex> l(shared);
			inside();
		} else {
			std::shared_lock<std::shared_mutex> l(shared);
			inside();
		}
		break;
	case 6:
	case 7:
		if (giver == (step == 6)) {
			std::unique_lock<std::shared_timed_mutex> l(
				shared_timed, a_minute);
			inside();
		} else {
			std::shared_lock<std::shared_timed_mutex> l(
				shared_timed, a_minute);
			inside();
		}
		break;
	case 8:
		/* A lock that an exception gives up. */
		try {
			std::lock_guard<std::mutex> l(abandoned);
			inside();
			throw step;
		} catch (int) {
		}
		break;
	case 9:
		std::call_once(once, inside);
		break;
	}
}

static void taker()
{
	for (int step = 0; step < 10; step++) {
		until_given(step);
		with_lock(step, false);
		after_taking(step);
	}
}

static void give(int step)
{
	before_giving(step);
	if (apart)
		set(&has_given[step]);
}

/* Apart, what a thread that has been joined did is somebody else's. */
static void late()
{
	for (int step = 10; step < 13; step++) {
		until(&has_given[step]);
		add(step);
	}
}

static void conditions(int step)
{
	std::mutex m;
	std::condition_variable c;
	std::condition_variable_any any;
	bool done = false;
	std::thread t([&] {
		give(step);
		std::lock_guard<std::mutex> l(m);
		done = true;
		c.notify_one();
		any.notify_all();
	});
	std::unique_lock<std::mutex> l(m);

	c.wait(l, [&] { return done; });
	any.wait(l, [&] { return done; });
	after_taking(step);
	l.unlock();
	t.join();
}

int main(int argc, char **argv)
{
	begin(argc, argv);
	std::thread someone(apart ? late : [] {});
	std::thread t(taker);
	for (int step = 0; step < 10; step++) {
		with_lock(step, true);
		after_giving(step);
	}
	t.join();

	std::thread joined(give, 10);
	joined.join();
	after_taking(10);
	std::async(std::launch::async, give, 11).get();
	after_taking(11);
	conditions(12);
	someone.join();
	return end(13);
}
