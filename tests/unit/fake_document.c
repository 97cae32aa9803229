/* SPDX-License-Identifier: MIT */
/* See fake_document.h. */
#include "fake_document.h"

#define N_OF(array) (sizeof(array) / sizeof((array)[0]))
#define STACK(frames)                \
	{                            \
		frames, N_OF(frames) \
	}
#define APP    "/opt/app/server"
#define APP_ID "0f1e2d3c4b5a69788796a5b4c3d2e1f001122334"

static const char *const arguments[] = { "./server", "--name=\"a b\"" };

static const struct shown_unnamed unnamed[] = {
	{ "/opt/app/libold.so.1", "the file has another build id now" },
};

static const struct shown_process server = {
	.name = "serverd",
	.program = APP,
	.arguments = arguments,
	.n_arguments = N_OF(arguments),
	.pid = 4711,
	.parent_pid = 1,
	.state = CMSHIM_EXITED,
	.duration_ns = 3200000000,
	.n_events = 1204551,
	.n_lost = 12,
	.n_gaps = 2,
	.lost = { 9, 0, 3, 40, 5 },
	.n_threads = 3,
	.unnamed = unnamed,
	.n_unnamed = N_OF(unnamed),
};

static const struct shown_process *const processes[] = { &server };

static const struct shown_frame make_frames[] = {
	{ .module = APP,
	  .build_id = APP_ID,
	  .offset = 0x1200,
	  .function = "main",
	  .file = "/src/server.c",
	  .line = 310,
	  .is_program = true },
};

/* g_hash_table_insert was called in put(), inlined into session_add(). */
static const struct shown_frame write_frames[] = {
	{ .module = APP,
	  .build_id = APP_ID,
	  .offset = 0x1340,
	  .function = "put",
	  .file = "/src/session.c",
	  .line = 21,
	  .inlined = true,
	  .is_program = true },
	{ .module = APP,
	  .build_id = APP_ID,
	  .offset = 0x1340,
	  .function = "session_add",
	  .file = "/src/session.c",
	  .line = 41,
	  .is_program = true },
	{ .module = "/usr/lib/libev.so.4",
	  .offset = 0x9f0,
	  .function = "ev_run" },
	{ .module = APP,
	  .build_id = APP_ID,
	  .offset = 0x1500,
	  .is_program = true },
	{ .offset = 0x7f0000001234 },
};

static const struct shown_frame read_frames[] = {
	{ .module = APP,
	  .build_id = APP_ID,
	  .offset = 0x1380,
	  .function = "Stats::dump",
	  .file = "/src/stats.cc",
	  .line = 88,
	  .is_program = true },
};

static const struct shown_thread threads[] = {
	{ .process = &server, .number = 1, .kernel_id = 4711 },
	{ .process = &server,
	  .number = 2,
	  .kernel_id = 4712,
	  .parent = 1,
	  .name = "io \"fast\"",
	  .start = "io_loop",
	  .created = STACK(make_frames) },
	{ .process = &server,
	  .number = 3,
	  .kernel_id = 4713,
	  .parent = 1,
	  .start = "Stats::run",
	  .start_is_program = true,
	  .created = STACK(make_frames) },
};

static const struct shown_object table_lock = {
	.process = &server,
	.name = "server!table_lock",
	.site = "server!table_lock",
	.kind = "mutex",
	.traits = CMSHIM_RECURSIVE | CMSHIM_ROBUST,
	.made = STACK(make_frames),
};

static const struct shown_object queue_lock = {
	.process = &server,
	.name = "rwlock first used at queue_push (/src/queue.c:12) #2",
	.site = "rwlock first used at queue_push (/src/queue.c:12)",
	.kind = "rwlock",
};

static const struct shown_object sessions = {
	.process = &server,
	.name = "server!sessions",
	.site = "server!sessions",
	.kind = "map",
	.api = "GLib GHashTable",
};

static const struct shown_object other_map = {
	.process = &server,
	.name = "GLib GHashTable made at Stats::dump (stats.cc:88)",
	.site = "GLib GHashTable made at Stats::dump (stats.cc:88)",
	.kind = "map",
	.api = "GLib GHashTable",
};

static const struct shown_held writer_holds[] = {
	{ &table_lock, false, STACK(write_frames) },
};

static const struct shown_side race_sides[] = {
	{ .role = "wrote",
	  .thread = &threads[1],
	  .operation = "g_hash_table_insert",
	  .stack = STACK(write_frames),
	  .held = writer_holds,
	  .n_held = 1,
	  .write_number = 1204,
	  .has_time = true,
	  .time_ns = 1500 },
	{ .role = "read meanwhile",
	  .thread = &threads[2],
	  .operation = "g_hash_table_lookup",
	  .stack = STACK(read_frames) },
};

static const struct shown_side wait_sides[] = {
	{ .role = "waited", .thread = NULL, .waits_for = &queue_lock },
};

static const struct rule race = {
	.id = "map-race-overlap",
	.title = "Two threads were inside one map at once",
	.help = "Proof that nothing keeps the calls apart.",
	.level = LEVEL_ERROR,
	.unit = "count",
};

static const struct rule hot = {
	.id = "perf-hot",
	.title = "Threads waited for a lock",
	.help = "The time is the sum over all threads.",
	.level = LEVEL_NOTE,
	.unit = "ns",
	.remedy = WHATIF_FREE,
};

static const struct shown_last_order last_order = {
	.object = &queue_lock,
	.is_lock = true,
	.giver = &threads[2],
	.taker = &threads[1],
	.given = STACK(read_frames),
	.taken = STACK(write_frames),
	.has_time = true,
	.time_ns = 1250000000,
};

static const struct shown_step steps[] = {
	{ .thread = &threads[1], .lock = &queue_lock, .shared = true },
	{ .thread = &threads[2], .lock = &table_lock },
	{ .thread = &threads[1], .lock = &table_lock, .is_request = true },
};

static const struct shown_finding findings[] = {
	{ .process = &server,
	  .rule = &race,
	  .level = LEVEL_ERROR,
	  .tier = TIER_OVERLAP,
	  .object = &sessions,
	  .weight = 12,
	  .count = 12,
	  .message = "Writes by thread 2 overlapped look-ups by thread 3 12 "
		     "times; the map may be broken from then on.",
	  .advice = "Hold server!table_lock in Stats::dump too.",
	  .tags = TAG_CV_ONLY | TAG_UNSEEN,
	  .last_order = &last_order,
	  .sides = race_sides,
	  .n_sides = N_OF(race_sides),
	  .key = "0123456789abcdef" },
	{ .process = &server,
	  .rule = &hot,
	  .level = LEVEL_NOTE,
	  .tier = TIER_OBSERVED,
	  .object = &queue_lock,
	  .weight = 32000000,
	  .count = 1,
	  .message = "Threads waited 32 ms for it.",
	  .has_gain = true,
	  .sooner = 0.25,
	  .less = 0.5,
	  .sides = wait_sides,
	  .n_sides = N_OF(wait_sides),
	  .order = steps,
	  .n_order = N_OF(steps),
	  .key = "fedcba9876543210" },
};

static const struct shown_blame queue_blame[] = {
	{ STACK(read_frames), STACK(write_frames), 24000000, 3 },
};

static struct duration_figures waits, holds, none;

static const struct shown_lock locks[] = {
	{ .object = &queue_lock,
	  .acquisitions = 20000,
	  .shared = 15000,
	  .contended = 5,
	  .n_threads = 2,
	  .wait = &waits,
	  .hold = &holds,
	  .blame = queue_blame,
	  .n_blame = N_OF(queue_blame) },
	{ .object = &table_lock,
	  .acquisitions = 1204,
	  .n_threads = 1,
	  .wait = &none,
	  .hold = &none },
};

static const struct shown_lock_sum lock_sums[] = {
	{ .process = &server,
	  .site = "mutex made at entry_new (entry.c:20)",
	  .kind = "mutex",
	  .made = STACK(make_frames),
	  .n = 70000,
	  .acquisitions = 140000,
	  .shared = 3,
	  .contended = 2,
	  .wait_ns = 5000 },
};

static const struct shown_map_sum map_sums[] = {
	{ .process = &server,
	  .site = "GLib GHashTable made at entry_new (entry.c:21)",
	  .api = "GLib GHashTable",
	  .made = STACK(make_frames),
	  .n = 900,
	  .n_shared = 40,
	  .reads = 1800,
	  .writes = 901,
	  .overlaps = 1 },
	{ .process = &server, .site = "map", .n = 1, .reads = 2 },
};

static const uint64_t sizes[] = { 10, 400, 700, 900 };
static const struct map_key hottest[] = { { 0xbeef, 30000 }, { 77, 41 } };

static const struct shown_guard guards[] = {
	{ .lock = &table_lock, .n = 45000 },
	{ .lock = &queue_lock, .n = 300, .n_shared = 300 },
};

static const struct shown_map maps[] = {
	{ .object = &sessions,
	  .reads = 50000,
	  .writes = 1204,
	  .overlaps = 12,
	  .n_threads = 2,
	  .counts = { .lookups = 49990,
		      .hits = 48000,
		      .misses = 90,
		      .walks = 1,
		      .steps = 9,
		      .puts = 1100,
		      .added = 1000,
		      .replaced = 100,
		      .removals = 104,
		      .removed = 100 },
	  .size = { .is_known = true,
		    .now = 900,
		    .most = 1000,
		    .at = sizes,
		    .n_at = N_OF(sizes),
		    .span_ns = 800000000 },
	  .n_shared = 50000,
	  .guards = guards,
	  .n_guards = N_OF(guards),
	  .n_keyed = 51094,
	  .keys = hottest,
	  .n_keys = N_OF(hottest) },
	{ .object = &other_map, .reads = 3, .writes = 4, .n_threads = 1 },
};

static const char *const remarks[] = { "All this is of the first 3 s only." };

static const struct replay_usage replay = {
	.measured_ns = 3200000000,
	.replayed_ns = 3300000000,
	.locks = { { .is_known = { [WHATIF_FREE] = true, [WHATIF_HALF] = true },
		     .sooner = { [WHATIF_FREE] = 0.25, [WHATIF_HALF] = 0.125 },
		     .less = { [WHATIF_FREE] = 0.5, [WHATIF_HALF] = 0.25 },
		     .inside_ns = 800000000,
		     .handed_ns = 2000 } },
	.n_locks = 1,
	.edges = { { .n_threads = 1,
		     .n_for_threads = 4,
		     .wait_ns = 600000000,
		     .for_knot = true } },
	.n_edges = 1,
	.waited_ns = 800000000,
	.remarks = remarks,
	.n_remarks = N_OF(remarks),
};

static const struct shown_replay replays[] = {
	{ .process = &server,
	  .usage = &replay,
	  .locks = { { &queue_lock, &replay.locks[0] } },
	  .edges = { { &threads[1], &threads[2], &replay.edges[0] } },
	  .n_locks = 1,
	  .n_edges = 1 },
};

static const char *const not_seen[] = { "look-ups in C++ maps", "atomics" };

const struct document *fake_document(void)
{
	static const struct document doc = {
		.processes = processes,
		.threads = threads,
		.locks = locks,
		.maps = maps,
		.lock_sums = lock_sums,
		.map_sums = map_sums,
		.findings = findings,
		.replays = replays,
		.not_seen = not_seen,
		.n_processes = N_OF(processes),
		.n_threads = N_OF(threads),
		.n_locks = N_OF(locks),
		.n_maps = N_OF(maps),
		.n_lock_sums = N_OF(lock_sums),
		.n_map_sums = N_OF(map_sums),
		.n_findings = N_OF(findings),
		.n_replays = N_OF(replays),
		.n_not_seen = N_OF(not_seen),
	};
	struct durations waited = { 0 }, held = { 0 };

	for (int i = 0; i < 4; i++)
		durations_add(&waited, 3000000, 1);
	durations_add(&waited, 20000000, 1);
	durations_add(&held, 12, 1);
	durations_add(&held, 12, 1);
	durations_add(&held, 850, 1);
	waits = durations_figures(&waited);
	holds = durations_figures(&held);
	return &doc;
}

const struct document *fake_quiet_document(void)
{
	static const struct shown_process quiet = {
		.name = "true",
		.program = "/bin/true",
		.pid = 7,
		.state = CMSHIM_EXITED,
		.duration_ns = 999,
		.n_events = 1,
		.n_threads = 1,
		.every_hold = true,
	};
	static const struct shown_process *const only[] = { &quiet };
	static const struct document doc = {
		.processes = only,
		.not_seen = not_seen,
		.n_processes = 1,
		.n_not_seen = N_OF(not_seen),
	};

	return &doc;
}
