/* SPDX-License-Identifier: MIT */
/*
 * Each thread has an absl::Mutex of its own; work is handed over meanwhile
 * through a condition, a notification and a counter, on which threads sleep as
 * they do for a Mutex.
 *
 * packages: libabsl-dev
 * build: -std=c++17 -pthread $(pkg-config --cflags --libs absl_synchronization)
 * expect: nothing
 */
#include <absl/synchronization/blocking_counter.h>
#include <absl/synchronization/mutex.h>
#include <absl/synchronization/notification.h>
#include <chrono>
#include <cstdio>
#include <thread>

using namespace std::chrono_literals;

static absl::Mutex queue;
static absl::CondVar filled;
static absl::Notification begun;
static absl::BlockingCounter ended(1);
static int waiting, taken;

static void work(int *n)
{
	absl::Mutex own;

	for (int i = 0; i < 20; i++) {
		absl::MutexLock held(&own);
		std::this_thread::sleep_for(1ms);
		++*n;
	}
}

static void take()
{
	int n = 0;

	begun.WaitForNotification();
	work(&n);
	for (int i = 0; i < 20; i++) {
		absl::MutexLock held(&queue);
		while (!waiting)
			filled.Wait(&queue);
		waiting--;
		taken++;
	}
	ended.DecrementCount();
}

int main()
{
	std::thread taker(take);
	int n = 0;

	std::this_thread::sleep_for(5ms);
	begun.Notify();
	work(&n);
	for (int i = 0; i < 20; i++) {
		std::this_thread::sleep_for(2ms);
		queue.Lock();
		waiting++;
		queue.Unlock();
		filled.Signal();
	}
	ended.Wait();
	taker.join();
	std::printf("%d %d\n", n, taken);
	return 0;
}
