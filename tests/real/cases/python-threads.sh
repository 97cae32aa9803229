# shellcheck shell=sh disable=SC2086,SC2016,SC2154,SC2094,SC2012
# needs: python3
cat >threads.py - <<'END'
import concurrent.futures, hashlib, queue, sqlite3, threading
pool = concurrent.futures.ThreadPoolExecutor(6)
def work(number):
    digest = hashlib.sha256(b"x" * 100000)
    for _ in range(20):
        digest.update(b"y" * 20000)
    return digest.hexdigest()[:8]
print(list(pool.map(work, range(60)))[-1])
jobs, done = queue.Queue(3), queue.Queue()
def consume():
    while (job := jobs.get()) is not None:
        done.put(job * 2)
        jobs.task_done()
consumers = [threading.Thread(target=consume) for _ in range(4)]
for thread in consumers:
    thread.start()
for job in range(5000):
    jobs.put(job)
jobs.join()
for _ in consumers:
    jobs.put(None)
for thread in consumers:
    thread.join()
print(sum(done.queue))
with sqlite3.connect("shared.db", check_same_thread=False) as db:
    db.execute("create table t(a, b)")
lock = threading.Lock()
def insert(base):
    own = sqlite3.connect("shared.db", timeout=60, check_same_thread=False)
    for i in range(40):
        with lock, own:
            own.execute("insert into t values(?, ?)", (base, i))
    own.close()
def read(_):
    return db.execute("select count(*), sum(b) from t").fetchone()
list(pool.map(insert, range(6)))
print(set(pool.map(read, range(200))))
pool.shutdown()
END
$RUN /usr/bin/python3 threads.py
echo "status $?"
