// SPDX-License-Identifier: MIT
// Two threads want a std::sync::Mutex, each for 2 ms at a time; with "alone"
// each has one of its own.  A condition variable and a channel hand work over
// meanwhile, and are no locks; nor are two threads that park in turns, with
// "park".
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::mpsc::channel;
use std::sync::{Arc, Barrier, Condvar, Mutex};
use std::thread::{self, Thread};
use std::time::Duration;

fn work(mutex: &Mutex<u64>) {
    for _ in 0..20 {
        let mut n = mutex.lock().unwrap();
        thread::sleep(Duration::from_millis(2));
        *n += 1;
        drop(n);
        // The other one has its turn.
        thread::sleep(Duration::from_millis(1));
    }
}

// Each waits until the other has counted one further.
fn count_in_turns(count: &AtomicU32, first: u32, other: impl Fn() -> Thread) {
    for i in (first..100).step_by(2) {
        while count.load(Ordering::Acquire) != i {
            thread::park();
        }
        thread::sleep(Duration::from_micros(500));
        count.store(i + 1, Ordering::Release);
        other().unpark();
    }
}

fn park_in_turns() {
    let count = Arc::new(AtomicU32::new(0));
    let (main, theirs) = (thread::current(), count.clone());
    let thread =
        thread::spawn(move || count_in_turns(&theirs, 1, || main.clone()));

    count_in_turns(&count, 0, || thread.thread().clone());
    thread.join().unwrap();
    println!("{}", count.load(Ordering::Relaxed));
}

fn main() {
    if std::env::args().nth(1).as_deref() == Some("park") {
        return park_in_turns();
    }
    let alone = std::env::args().nth(1).as_deref() == Some("alone");
    let one = Arc::new(Mutex::new(0));
    let other = if alone { Arc::new(Mutex::new(0)) } else { one.clone() };
    let both = Arc::new(Barrier::new(2));
    let (send, receive) = channel();
    let waked = Arc::new((Mutex::new(false), Condvar::new()));

    let thread = {
        let (both, waked) = (both.clone(), waked.clone());
        thread::spawn(move || {
            both.wait();
            work(&other);
            thread::sleep(Duration::from_millis(20));
            send.send(42).unwrap();
            thread::sleep(Duration::from_millis(20));
            *waked.0.lock().unwrap() = true;
            waked.1.notify_one();
            *other.lock().unwrap()
        })
    };
    both.wait();
    work(&one);
    println!("{}", receive.recv().unwrap());
    let mut done = waked.0.lock().unwrap();
    while !*done {
        done = waked.1.wait(done).unwrap();
    }
    println!("{}", thread.join().unwrap());
    println!("{}", *one.lock().unwrap());
}
