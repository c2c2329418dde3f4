#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/clock.h"
#include "hubd/doors.h"
#include "store/instance.h"
#include "store/migrate.h"
#include "store/party.h"
#include "support/pg.h"

/* A zone daemon called "east" as somebody who owns the outer zone would play it: any bytes, any name. */
typedef struct zone_side {
	char dir[32], base[64];
	core core;
	door *door;
	wire_asker *asker;
	store *db;
	arena memory;
	hub_time now;
} zone_side;

static pg *cluster;

static void must(hub_status st, const hub_fault *fault)
{
	if (st != HUB_OK)
		fail_msg("%s: %s", hub_status_name(st), fault->message);
}

static void add_instance(zone_side *z, const char *name, const char *holder, int64_t owner)
{
	hub_fault fault = { 0 };
	bool changed;
	const instance i = { .name = name, .zone = holder, .party = owner, .adapter = "csv", .options = "{}", .transport = "{}",
			     .journal = "{}", .enabled = true };
	must(instance_put(z->db, &i, &changed, &fault), &fault);
}

static void zone_open(zone_side *z)
{
	hub_fault fault = { 0 };
	char url[128];
	int64_t owner;
	const party p = { .code = "grid", .name_zh = "", .name_en = "", .kind = "grid" };
	memset(z, 0, sizeof *z);
	z->now = clock_now();
	strcpy(z->dir, "/tmp/doors.XXXXXX");
	assert_non_null(mkdtemp(z->dir));
	snprintf(z->base, sizeof z->base, "ipc://%s", z->dir);
	z->core = (core){ .database = pg_database(cluster), .zone_base = z->base };
	must(store_open(z->core.database, &z->db, &fault), &fault);
	must(store_migrate(z->db, NULL, &fault), &fault);
	must(party_put(z->db, &p, &owner, NULL, &fault), &fault);
	add_instance(z, "mine", "east", owner);
	add_instance(z, "theirs", "west", owner);
	add_instance(z, "off", "east", owner);
	assert_int_equal(instance_enable(z->db, "off", false), HUB_OK);
	assert_int_equal(intake_new(&judge_rules_default, NULL, &z->core.intake), HUB_OK);
	core_url(&z->core, "east", WIRE_INTAKE, url, sizeof url);
	must(wire_ask_listen(url, NULL, &z->asker, &fault), &fault);
	must(door_open(&z->core, WIRE_INTAKE, "east", 2, &z->door, &fault), &fault);
	arena_init(&z->memory, 0);
}

static void zone_close(zone_side *z)
{
	char path[64];
	wire_asker_close(z->asker);
	door_close(z->door);
	intake_free(z->core.intake);
	store_close(z->db);
	arena_fini(&z->memory);
	snprintf(path, sizeof path, "%s/east.intake", z->dir);
	unlink(path);
	assert_int_equal(rmdir(z->dir), 0);
}

static hub_status say(zone_side *z, const uint8_t *bytes, size_t len, int64_t timeout, batch_answer *ret)
{
	buf answer = { 0 };
	hub_status st = wire_ask(z->asker, bytes, len, 500000, timeout, &answer);
	if (st == HUB_OK)
		assert_int_equal(batch_answer_unpack(answer.bytes, answer.len, &z->memory, ret), HUB_OK);
	buf_fini(&answer);
	return st;
}

static hub_status try_to_speak(zone_side *z, const char *source, uint64_t first, int64_t timeout, batch_answer *ret)
{
	const batch_id id = { source, 7, first };
	const trace_id trace = { { 1 } };
	const record r = { .peer = "", .received = z->now,
			   .body = { .type = HUB_RECORD_READING, .reading = { "0001", "", "active_energy_import", "kWh", HUB_REGISTER,
									      0, { 1, 0 }, 0, z->now } } };
	buf bytes = { 0 }, packed = { 0 };
	record_pack(&packed, &r);
	batch_head_pack(&bytes, &id, &trace, 1);
	batch_record_pack(&bytes, packed.bytes, packed.len);
	hub_status st = say(z, bytes.bytes, bytes.len, timeout, ret);
	buf_fini(&bytes);
	buf_fini(&packed);
	return st;
}

static batch_answer speak(zone_side *z, const char *source, uint64_t first)
{
	batch_answer a = { 0 };
	assert_int_equal(try_to_speak(z, source, first, 20000000, &a), HUB_OK);
	return a;
}

static void a_zone_speaks_only_for_the_instances_it_holds(void **state)
{
	(void)state;
	zone_side z;
	zone_open(&z);
	static const char *const strangers[] = { "theirs", "off", "nobody", "api", "import" };
	for (size_t i = 0; i < sizeof strangers / sizeof strangers[0]; i++) {
		batch_answer a = speak(&z, strangers[i], 1);
		assert_int_equal(a.status, HUB_DENIED);
		assert_int_equal(a.receipt, 0);
		assert_true(strlen(a.message) > 20);
	}
	batch_answer a = speak(&z, "mine", 1);
	assert_int_equal(a.status, HUB_OK);
	assert_int_equal(a.quarantined, 1);
	batch_answer again = speak(&z, "mine", 1);
	assert_int_equal(again.status, HUB_OK);
	assert_int_equal(again.receipt, a.receipt);
	assert_int_equal(speak(&z, "mine", 3).status, HUB_CONFLICT);
	zone_close(&z);
}

static void bytes_that_are_no_batch_are_refused(void **state)
{
	(void)state;
	zone_side z;
	zone_open(&z);
	static const char *const cases[] = { "", "x", "\x01\x01mine", "GET / HTTP/1.1\r\n\r\n" };
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		batch_answer a = { 0 };
		assert_int_equal(say(&z, (const uint8_t *)cases[i], strlen(cases[i]), 20000000, &a), HUB_OK);
		assert_int_equal(a.status, HUB_REJECT);
	}
	zone_close(&z);
}

static void without_the_database_it_is_to_come_again(void **state)
{
	(void)state;
	zone_side z;
	batch_answer a;
	zone_open(&z);
	assert_int_equal(speak(&z, "mine", 1).status, HUB_OK);
	pg_halt(cluster, SIGKILL);
	/* An answer, and at once. */
	assert_int_equal(try_to_speak(&z, "mine", 2, 10000000, &a), HUB_OK);
	assert_int_equal(a.status, HUB_AGAIN);
	assert_int_equal(a.id.first, 2);
	pg_resume(cluster);
	/* One thread knocks at a time, and not all the while. */
	for (int i = 0; i < 500 && a.status == HUB_AGAIN; i++) {
		usleep(20000);
		a = speak(&z, "mine", 2);
	}
	assert_int_equal(a.status, HUB_OK);
	zone_close(&z);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_zone_speaks_only_for_the_instances_it_holds),
		cmocka_unit_test(bytes_that_are_no_batch_are_refused),
		cmocka_unit_test(without_the_database_it_is_to_come_again),
	};
	cluster = pg_start();
	if (!cluster)
		return 77;
	int rc = cmocka_run_group_tests(tests, NULL, NULL);
	pg_stop(cluster);
	return rc;
}
