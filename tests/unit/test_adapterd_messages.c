/* The broker's journal as a source: who gets what, when it is acknowledged, and what kills cost. */
#include "support/zone.h"

#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/clock.h"
#include "wire/journal.h"
#include "wire/message.h"

enum { PATIENCE = 10000000, MESSAGES = 2000 };

static zone z;
static char path[128];
static journal *broker;

static int setup(void **state)
{
	(void)state;
	zone_open(&z);
	snprintf(path, sizeof path, "%s/mqtt", z.dir);
	static const journal_limits limits = { .bytes = 64 << 20, .segment_bytes = 64 << 10 };
	hub_fault fault;
	return journal_open(path, &limits, clock_now(), &broker, &fault);
}

static int teardown(void **state)
{
	(void)state;
	journal_close(broker);
	zone_close(&z);
	return 0;
}

static void configure(const char *const *parties, size_t count)
{
	static int version;
	char json[2048];
	int n = snprintf(json, sizeof json, "{\"version\":%d,\"instances\":[", ++version);
	for (size_t i = 0; i < count; i++)
		n += snprintf(json + n, sizeof json - (size_t)n, "%s{\"name\":\"%s\",\"adapter\":\"line\",\"transport\":"
			      "{\"kind\":\"journal\",\"path\":\"%s\",\"party\":\"%s\"}}", i ? "," : "", parties[i], path,
			      parties[i]);
	snprintf(json + n, sizeof json - (size_t)n, "]}");
	assert_int_equal(zone_configure(&z, json), HUB_OK);
	for (size_t i = 0; i < count; i++)
		assert_true(zone_wait_phase(&z, parties[i], "ready"));
}

static void publish(const char *party, const char *text)
{
	buf packed = { 0 };
	char topic[80];
	uint64_t seq;
	snprintf(topic, sizeof topic, "hub/v1/%s/in/x", party);
	wire_message_pack(&packed, &(wire_message){ topic, party, "client", (const uint8_t *)text, strlen(text) });
	assert_int_equal(journal_append(broker, packed.bytes, packed.len, clock_now(), &seq), HUB_OK);
	assert_int_equal(journal_flush(broker), HUB_OK);
	buf_fini(&packed);
}

static uint64_t waiting(void)
{
	journal_state s;
	assert_int_equal(journal_stat(path, &s), HUB_OK);
	return s.next - s.first;
}

static bool drained(void)
{
	int64_t end = clock_monotonic() + PATIENCE;
	while (waiting() && clock_monotonic() < end)
		usleep(5000);
	return !waiting();
}

static void each_party_gets_its_own(void **state)
{
	(void)state;
	static const char *const both[] = { "water", "gas" };
	configure(both, 2);
	publish("water", "m1 5\n");
	publish("gas", "m1 70\nbad\n");
	publish("nobody", "m1 900\n");
	publish("water", "m1 6");
	assert_true(zone_wait_readings(&z, "water", 2, PATIENCE));
	assert_true(zone_wait_readings(&z, "gas", 1, PATIENCE));
	assert_true(drained());
	assert_int_equal(zone_source_of(&z, "water").sum, 11);
	assert_int_equal(zone_source_of(&z, "gas").sum, 70);
	assert_int_equal(zone_source_of(&z, "gas").faults, 1);
}

static void acknowledged_only_when_committed(void **state)
{
	(void)state;
	static const char *const water[] = { "water" };
	zone_core_stop(&z);
	configure(water, 1);
	publish("water", "m1 5\n");
	usleep(300000);
	assert_int_equal(waiting(), 1);
	zone_core_start(&z);
	assert_true(drained());
	assert_int_equal(zone_source_of(&z, "water").readings, 1);
}

static void one_party_that_stands_does_not_hold_the_other(void **state)
{
	(void)state;
	static const char *const both[] = { "water", "gas" };
	configure(both, 2);
	for (int i = 0; i < 20; i++)
		publish("water", "crash\n");
	for (int i = 0; i < 20; i++)
		publish("gas", "m1 1\n");
	assert_true(zone_wait_readings(&z, "gas", 20, PATIENCE));
	assert_true(waiting() > 0);
}

static void a_message_that_kills_the_adapter_is_put_aside(void **state)
{
	(void)state;
	static const char *const water[] = { "water" };
	char aside[160];
	configure(water, 1);
	publish("water", "m1 1\n");
	publish("water", "crash\n");
	publish("water", "m1 2\n");
	assert_true(zone_wait_readings(&z, "water", 2, PATIENCE));
	assert_true(drained());
	assert_int_equal(zone_source_of(&z, "water").sum, 3);
	snprintf(aside, sizeof aside, "%s/adapterd/failed/water-2", z.dir);
	assert_int_equal(access(aside, R_OK), 0);
}

static void kills_lose_nothing(void **state)
{
	(void)state;
	static const char *const water[] = { "water" };
	configure(water, 1);
	for (int i = 0; i < MESSAGES; i++) {
		publish("water", "m1 1\n");
		if (i % 500 == 250) {
			zone_daemon_kill(&z, SIGKILL);
			zone_daemon_start(&z);
		}
	}
	assert_true(zone_wait_readings(&z, "water", MESSAGES, PATIENCE));
	assert_true(drained());
	assert_int_equal(zone_source_of(&z, "water").gaps, 0);
}

/* Whether the broker was told that the party is read from this journal. */
static bool is_told(const char *party)
{
	char file[160];
	snprintf(file, sizeof file, "%s/adapterd/broker/readers.json", z.dir);
	json_t *all = json_load_file(file, 0, NULL);
	bool told = json_is_true(json_object_get(json_object_get(all, path), party));
	json_decref(all);
	return told;
}

static bool wait_told(const char *party, bool wanted)
{
	int64_t end = clock_monotonic() + PATIENCE;
	while (is_told(party) != wanted && clock_monotonic() < end)
		usleep(5000);
	return is_told(party) == wanted;
}

static bool wait_gone(const char *instance)
{
	int64_t end = clock_monotonic() + PATIENCE;
	json_t *state;
	while ((state = zone_state(&z, instance)) && clock_monotonic() < end) {
		json_decref(state);
		usleep(5000);
	}
	json_decref(state);
	return !state;
}

static void the_broker_is_told_who_is_read(void **state)
{
	(void)state;
	static const char *const both[] = { "water", "gas" };
	assert_true(wait_told("water", false));
	configure(both, 2);
	assert_true(wait_told("water", true) && wait_told("gas", true));
	zone_daemon_kill(&z, SIGKILL);
	assert_true(is_told("water") && is_told("gas"));
	zone_daemon_start(&z);
	configure(both + 1, 1);
	assert_true(wait_told("water", false) && is_told("gas"));
	configure(both, 2);
	assert_true(wait_told("water", true));
}

/* What was in the journal when the broker was told stays the reader's, whatever dies. */
static void who_leaves_keeps_what_was_promised(void **state)
{
	(void)state;
	static const char *const both[] = { "water", "gas" };
	configure(both, 2);
	zone_core_stop(&z);
	for (int i = 0; i < 500; i++) {
		publish("water", "m1 1\n");
		publish("gas", "m1 1\n");
	}
	configure(both + 1, 1);
	assert_true(wait_told("water", false));
	zone_daemon_kill(&z, SIGKILL);
	zone_daemon_start(&z);
	assert_false(is_told("water"));
	zone_core_start(&z);
	assert_true(zone_wait_readings(&z, "water", 500, PATIENCE));
	assert_true(zone_wait_readings(&z, "gas", 500, PATIENCE));
	assert_true(wait_gone("water"));
	/* What was on its way when it was killed may have come again. */
	const size_t before = zone_source_of(&z, "water").readings;
	publish("water", "m1 1\n");
	assert_true(drained());
	assert_int_equal(zone_source_of(&z, "water").readings, before);
}

int main(int argc, char **argv)
{
	if (argc == 4 && strcmp(argv[1], "core") == 0)
		return zone_core_main(argv + 2);
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(each_party_gets_its_own, setup, teardown),
		cmocka_unit_test_setup_teardown(acknowledged_only_when_committed, setup, teardown),
		cmocka_unit_test_setup_teardown(one_party_that_stands_does_not_hold_the_other, setup, teardown),
		cmocka_unit_test_setup_teardown(a_message_that_kills_the_adapter_is_put_aside, setup, teardown),
		cmocka_unit_test_setup_teardown(kills_lose_nothing, setup, teardown),
		cmocka_unit_test_setup_teardown(the_broker_is_told_who_is_read, setup, teardown),
		cmocka_unit_test_setup_teardown(who_leaves_keeps_what_was_promised, setup, teardown),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
