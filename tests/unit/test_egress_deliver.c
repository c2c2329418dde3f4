/* Lanes and drop directories: order under leases, durable files, nothing outside the folder. */
#include "unit.h"

#include "base/clock.h"
#include "deliver.h"
#include "drop.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static char root[] = "/tmp/hub-drop-XXXXXX";

static int setup(void **unused)
{
	(void)unused;
	return mkdtemp(root) ? 0 : -1;
}

static void remove_file(const char *name)
{
	char path[256];
	snprintf(path, sizeof path, "%s/%s", root, name);
	assert_int_equal(remove(path), 0);
}

static int teardown(void **unused)
{
	(void)unused;
	return rmdir(root);
}

static void a_drop_is_whole_or_not_there(void **unused)
{
	(void)unused;
	static const char *const bad[] = { "name",	 "/name",    "water/", "../name",
					   "water/../x", "water/.x", ".w/x",   "w/a/b" };
	char path[256], text[16] = "";
	hub_fault fault;
	assert_int_equal(drop_put(root, "water/7-1.json", "{}", 2, &fault), HUB_OK);
	assert_int_equal(drop_put(root, "water/7-1.json", "[1]", 3, &fault), HUB_OK);
	for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
		assert_int_equal(drop_put(root, bad[i], "x", 1, &fault), HUB_REJECT);
	assert_int_equal(drop_put("/nowhere/at/all", "water/x", "x", 1, &fault), HUB_FAILED);
	snprintf(path, sizeof path, "%s/water/7-1.json", root);
	FILE *f = fopen(path, "r");
	assert_non_null(f);
	assert_int_equal(fread(text, 1, sizeof text, f), 3);
	fclose(f);
	remove_file("water/7-1.json");
	remove_file("water");
}

typedef struct second {
	lanes *l;
	uint64_t lease;
	atomic_int state; /* 1: entered, 2: refused */
} second;

static void *enter(void *user)
{
	second *s = user;
	s->state = lane_enter(s->l, "a", s->lease) == HUB_OK ? 1 : 2;
	return NULL;
}

static void a_newer_lease_waits_and_an_older_is_refused(void **unused)
{
	(void)unused;
	lanes *l;
	pthread_t thread;
	assert_int_equal(lanes_new(&l), HUB_OK);
	assert_int_equal(lane_enter(l, "a", 5), HUB_OK);
	assert_true(lane_current(l, "a", 5));
	second newer = { .l = l, .lease = 6 };
	assert_int_equal(pthread_create(&thread, NULL, enter, &newer), 0);
	int64_t until = clock_monotonic() + 5000000;
	while (lane_current(l, "a", 5) && clock_monotonic() < until)
		sched_yield();
	assert_false(lane_current(l, "a", 5));
	assert_int_equal(newer.state, 0);
	assert_int_equal(lane_enter(l, "a", 5), HUB_CONFLICT);
	assert_int_equal(lane_enter(l, "b", 1), HUB_OK);
	lane_leave(l, "a");
	pthread_join(thread, NULL);
	assert_int_equal(newer.state, 1);
	assert_int_equal(lane_enter(l, "a", 4), HUB_CONFLICT);
	lanes_free(l);
}

static void what_comes_too_late_is_not_begun(void **unused)
{
	(void)unused;
	arena a;
	hub_fault fault;
	wire_outcome *out;
	size_t done;
	doors d = { .drop = root };
	const wire_outgoing list[] = {
		{ .method = "DROP", .url = "gas/1.json", .body = (const uint8_t *)"1", .body_len = 1 },
		{ .method = "DROP", .url = "gas/..", .body = (const uint8_t *)"2", .body_len = 1 },
		{ .method = "DROP", .url = "gas/3.json", .body = (const uint8_t *)"3", .body_len = 1 }
	};
	wire_dispatch order = { .lane = "7", .lease = 1, .not_after = clock_now() - 1, .list = list, .count = 3 };
	arena_init(&a, 0);
	assert_int_equal(lanes_new(&d.lanes), HUB_OK);
	assert_int_equal(deliver(&d, &order, &a, &out, &done, &fault), HUB_OK);
	assert_int_equal(done, 0);
	order.not_after = clock_now() + 60000000;
	assert_int_equal(deliver(&d, &order, &a, &out, &done, &fault), HUB_OK);
	assert_int_equal(done, 2); /* the one behind a failure is not begun */
	assert_int_equal(out[0].status, 200);
	assert_string_equal(out[1].code, "egress.drop_path");
	order.lease = 2;
	assert_int_equal(deliver(&d, &order, &a, &out, &done, &fault), HUB_OK);
	order.lease = 1;
	assert_int_equal(deliver(&d, &order, &a, &out, &done, &fault), HUB_CONFLICT);
	lanes_free(d.lanes);
	arena_fini(&a);
	remove_file("gas/1.json");
	remove_file("gas");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_drop_is_whole_or_not_there),
		cmocka_unit_test(a_newer_lease_waits_and_an_older_is_refused),
		cmocka_unit_test(what_comes_too_late_is_not_begun),
	};
	return cmocka_run_group_tests(tests, setup, teardown);
}
