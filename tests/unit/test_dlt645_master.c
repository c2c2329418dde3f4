/* The adapter's polling master against the simulated meters, over a line made of two buffers. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <setjmp.h>

#include <cmocka.h>

#include "dlt645/device.h"
#include "host/session.h"

enum { SECOND = 1000000 };

typedef struct bench {
	hub_host *host;
	hub_link *link;
	device_meter meters[4];
	size_t meter_count;
	hub_time now;
	buf to_device;
	size_t readings, refusals, results;
	char last[64], last_meter[16], state[16], states[128], reason[64];
	hub_value value;
	int64_t no_answer;
} bench;

static hub_status on_record(void *context, hub_link *link, const record *r)
{
	(void)link;
	bench *b = context;
	if (r->body.type == HUB_RECORD_READING) {
		b->readings++;
		snprintf(b->last, sizeof b->last, "%s", r->body.reading.quantity);
		snprintf(b->last_meter, sizeof b->last_meter, "%s", r->body.reading.meter);
		b->value = r->body.reading.value;
	}
	b->refusals += r->body.type == HUB_RECORD_FAULT;
	if (r->body.type == HUB_RECORD_RESULT) {
		b->results++;
		snprintf(b->state, sizeof b->state, "%s", r->body.result.state);
		snprintf(b->states + strlen(b->states), sizeof b->states - strlen(b->states), "%s ", b->state);
		snprintf(b->reason, sizeof b->reason, "%s", r->body.result.reason);
	}
	return HUB_OK;
}

static hub_status on_send(void *context, hub_link *link, const uint8_t *bytes, size_t len)
{
	(void)link;
	buf_put(&((bench *)context)->to_device, bytes, len);
	return HUB_OK;
}

static void on_counter(void *context, const char *name, int64_t value)
{
	if (!strcmp(name, "no_answer"))
		((bench *)context)->no_answer = value;
}

static hub_time now(void *context)
{
	return ((bench *)context)->now;
}

static const host_calls calls = { .on_record = on_record, .on_send = on_send, .on_counter = on_counter, .now = now };

static void bench_open(bench *b, const hub_setting *options, size_t count)
{
	static const hub_peer peer = { HUB_TCP_CLIENT, "192.0.2.1:8000", "" };
	hub_fault fault;
	b->now = INT64_C(1800000000000000);
	assert_int_equal(instance_open(&hub_adapter_table, &calls, b, options, count, &b->host, &fault), HUB_OK);
	assert_int_equal(session_open(b->host, &peer, NULL, &b->link), HUB_OK);
}

static void bench_close(bench *b)
{
	instance_close(b->host);
	buf_fini(&b->to_device);
}

static void meter_add(bench *b, const char *address, bool is_1997, device_fault fault)
{
	device_meter *m = &b->meters[b->meter_count++];
	*m = (device_meter){ .is_1997 = is_1997, .start_energy = 12345, .power = 3600, .fault = fault };
	assert_true(device_address(address, m->address));
}

/* Lets questions and answers go to and fro, and time pass, for so many seconds. */
static void run(bench *b, int seconds)
{
	hub_time until = b->now + (hub_time)seconds * SECOND;
	while (b->now < until) {
		size_t start, end;
		uint8_t out[DEVICE_ANSWER_MAX];
		hub_time wake = instance_wake(b->host);
		if (wake && wake <= b->now)
			instance_timers(b->host);
		while ((end = device_request(b->to_device.bytes, b->to_device.len, &start))) {
			size_t n = device_answer(b->meters, b->meter_count, b->to_device.bytes + start, end - start, 0, out);
			buf_drop(&b->to_device, end);
			if (!n)
				continue;
			assert_int_equal(session_input(b->link, out, n, false), HUB_OK);
		}
		b->now += SECOND / 10;
	}
}

static void every_meter_is_polled_each_round(void **state)
{
	(void)state;
	bench b = { 0 };
	const hub_setting options[] = { { "meters", "1,2,3" }, { "interval", "60" }, { "identifiers", "00010000,02030000" } };
	meter_add(&b, "1", false, DEVICE_FINE);
	meter_add(&b, "2", false, DEVICE_FINE);
	meter_add(&b, "3", false, DEVICE_FINE);
	bench_open(&b, options, 3);
	run(&b, 30);
	assert_int_equal(b.readings, 6);
	assert_string_equal(b.last, "active_power");
	assert_string_equal(b.last_meter, "000000000003");
	assert_int_equal(b.value.digits, 36000);
	run(&b, 60);
	assert_int_equal(b.readings, 12);
	assert_int_equal(b.refusals, 0);
	bench_close(&b);
}

static void meters_of_the_registry_are_polled_when_none_is_named(void **state)
{
	(void)state;
	bench b = { 0 };
	const hub_setting options[] = { { "interval", "60" } };
	meter_add(&b, "77", false, DEVICE_FINE);
	bench_open(&b, options, 1);
	assert_int_equal(instance_table_put(b.host, "meters", "000000000077", "{}"), HUB_OK);
	assert_int_equal(instance_table_put(b.host, "meters", "WATER-1", "{}"), HUB_OK);
	run(&b, 5);
	assert_int_equal(b.readings, 1);
	bench_close(&b);
}

static void an_old_meter_is_asked_in_its_version(void **state)
{
	(void)state;
	bench b = { 0 };
	const hub_setting options[] = { { "meters", "000000000009" }, { "interval", "600" }, { "timeout", "500" } };
	meter_add(&b, "9", true, DEVICE_FINE);
	bench_open(&b, options, 3);
	run(&b, 20);
	assert_int_equal(b.readings, 1);
	assert_string_equal(b.last, "active_energy_import");
	assert_int_equal(b.value.digits, 12345);
	bench_close(&b);
}

static void a_silent_meter_does_not_hold_up_the_line(void **state)
{
	(void)state;
	bench b = { 0 };
	const hub_setting options[] = { { "meters", "1,2" }, { "interval", "600" }, { "timeout", "500" } };
	meter_add(&b, "1", false, DEVICE_SILENT);
	meter_add(&b, "2", false, DEVICE_FINE);
	bench_open(&b, options, 3);
	run(&b, 20);
	assert_int_equal(b.readings, 1);
	assert_string_equal(b.last_meter, "000000000002");
	assert_true(b.no_answer >= 1);
	bench_close(&b);
}

static void a_spoilt_answer_is_refused_and_asked_again(void **state)
{
	(void)state;
	bench b = { 0 };
	const hub_setting options[] = { { "meters", "1" }, { "interval", "600" }, { "timeout", "500" }, { "retries", "2" },
					{ "identifiers", "00010000" } };
	meter_add(&b, "1", false, DEVICE_CHECKSUM);
	bench_open(&b, options, 5);
	run(&b, 20);
	assert_int_equal(b.readings, 0);
	assert_int_equal(b.refusals, 3);
	bench_close(&b);
}

static void noise_and_duplicates_lose_nothing(void **state)
{
	(void)state;
	bench b = { 0 };
	const hub_setting options[] = { { "meters", "1,2" }, { "interval", "600" } };
	meter_add(&b, "1", false, DEVICE_NOISE);
	meter_add(&b, "2", false, DEVICE_DUPLICATE);
	bench_open(&b, options, 2);
	run(&b, 20);
	assert_int_equal(b.readings, 3);
	assert_int_equal(b.refusals, 0);
	bench_close(&b);
}

static void a_read_by_command_has_a_result(void **state)
{
	(void)state;
	bench b = { 0 };
	const hub_setting options[] = { { "meters", "1,2" }, { "interval", "0" }, { "timeout", "500" } };
	const hub_setting voltage = { "identifier", "02010100" };
	hub_command c = { .id = "c1", .kind = "read", .meter = "000000000001", .channel = "", .arguments = &voltage,
			  .argument_count = 1 };
	meter_add(&b, "1", false, DEVICE_FINE);
	meter_add(&b, "2", false, DEVICE_SILENT);
	bench_open(&b, options, 3);
	assert_int_equal(instance_command(b.host, &c), HUB_OK);
	run(&b, 2);
	assert_int_equal(b.readings, 1);
	assert_string_equal(b.last, "voltage_l1");
	assert_string_equal(b.state, "confirmed");
	c.id = "c2";
	c.meter = "000000000002";
	assert_int_equal(instance_command(b.host, &c), HUB_OK);
	run(&b, 10);
	assert_string_equal(b.state, "refused");
	assert_string_equal(b.reason, "no_answer");
	c.meter = "000000000003";
	assert_int_equal(instance_command(b.host, &c), HUB_MISSING);
	assert_int_equal(b.results, 2);
	bench_close(&b);
}

static void a_meter_that_refuses_says_why(void **state)
{
	(void)state;
	bench b = { 0 };
	const hub_setting options[] = { { "meters", "1" }, { "interval", "0" } };
	hub_command c = { .id = "c1", .kind = "read", .meter = "000000000001", .channel = "" };
	meter_add(&b, "1", false, DEVICE_REFUSE);
	bench_open(&b, options, 2);
	assert_int_equal(instance_command(b.host, &c), HUB_OK);
	run(&b, 2);
	assert_string_equal(b.state, "refused");
	assert_string_equal(b.reason, "no_data");
	bench_close(&b);
}

static const hub_setting commanded[] = { { "meters", "1" }, { "interval", "0" }, { "timeout", "500" }, { "retries", "1" } };

static void order(bench *b, const char *kind, const hub_setting *arguments, size_t count, bool repeated, int seconds)
{
	const hub_command c = { "c1", kind, "000000000001", "", b->now + 60 * INT64_C(1000000), arguments, count, repeated };
	b->states[0] = '\0';
	assert_int_equal(instance_command(b->host, &c), HUB_OK);
	run(b, seconds);
}

static void relay_power_and_alarm_obey_and_show_it(void **state)
{
	(void)state;
	bench b = { 0 };
	const hub_setting on = { "state", "on" }, off = { "state", "off" }, allow = { "state", "allow" };
	meter_add(&b, "1", false, DEVICE_FINE);
	bench_open(&b, commanded, 4);
	order(&b, "switch", &off, 1, false, 3);
	assert_string_equal(b.states, "sent confirmed ");
	assert_true(b.meters[0].relay_open);
	assert_string_equal(b.last, "switch_state");
	order(&b, "switch", &allow, 1, false, 3);
	assert_string_equal(b.states, "sent confirmed ");
	assert_true(b.meters[0].relay_open && !b.meters[0].ordered_open);
	order(&b, "switch", &on, 1, false, 3);
	assert_string_equal(b.states, "sent confirmed ");
	assert_false(b.meters[0].relay_open);
	order(&b, "keep_power", &on, 1, false, 3);
	assert_string_equal(b.states, "sent confirmed ");
	order(&b, "switch", &off, 1, false, 3);
	assert_string_equal(b.states, "sent refused ");
	assert_string_equal(b.reason, "other");
	order(&b, "keep_power", &off, 1, false, 3);
	order(&b, "alarm", &on, 1, false, 3);
	assert_string_equal(b.states, "sent confirmed ");
	assert_true(b.meters[0].alarm && !b.meters[0].keeps_power && !b.meters[0].relay_open);
	assert_int_equal(b.meters[0].writes, 7);
	order(&b, "switch", NULL, 0, false, 1);
	assert_string_equal(b.states, "refused ");
	order(&b, "charger_start", NULL, 0, false, 1);
	assert_string_equal(b.reason, "not_supported");
	bench_close(&b);
}

static void a_command_is_sent_once(void **state)
{
	(void)state;
	const hub_setting off = { "state", "off" };
	static const struct {
		device_fault fault;
		bool repeated;
		const char *states, *reason;
		unsigned long writes;
	} cases[] = { { DEVICE_DEAF, false, "sent confirmed ", "", 1 },     { DEVICE_STUCK, false, "sent refused ", "not_done", 1 },
		      { DEVICE_SILENT, false, "sent sent ", "no_answer", 0 }, { DEVICE_FINE, true, "refused ", "not_done", 0 },
		      { DEVICE_SILENT, true, "sent ", "no_answer", 0 } };
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		bench b = { 0 };
		meter_add(&b, "1", false, cases[i].fault);
		bench_open(&b, commanded, 4);
		order(&b, "switch", &off, 1, cases[i].repeated, 10);
		assert_string_equal(b.states, cases[i].states);
		assert_string_equal(b.reason, cases[i].reason);
		assert_int_equal(b.meters[0].writes, cases[i].writes);
		bench_close(&b);
	}
}

static void a_wrong_password_is_refused_by_name(void **state)
{
	(void)state;
	bench b = { 0 };
	const hub_setting off = { "state", "off" };
	const hub_setting wrong[] = { { "meters", "1" }, { "interval", "0" }, { "password", "02123456" } };
	meter_add(&b, "1", false, DEVICE_FINE);
	bench_open(&b, wrong, 3);
	order(&b, "switch", &off, 1, false, 3);
	assert_string_equal(b.states, "sent refused ");
	assert_string_equal(b.reason, "password");
	/* The table's row goes before the option. */
	assert_int_equal(instance_table_put(b.host, "meter_keys", "000000000001", "02000000/00000001"), HUB_OK);
	order(&b, "switch", &off, 1, false, 3);
	assert_string_equal(b.states, "sent confirmed ");
	bench_close(&b);
}

static void clocks_are_set_by_write_and_by_broadcast(void **state)
{
	(void)state;
	const hub_setting write = { "how", "write" }, broadcast = { "how", "broadcast" };
	for (int k = 0; k < 2; k++) {
		bench b = { 0 };
		meter_add(&b, "1", false, DEVICE_FINE);
		bench_open(&b, commanded, 4);
		order(&b, "clock_set", k ? &broadcast : &write, 1, false, 5);
		assert_string_equal(b.states, "sent confirmed ");
		assert_int_equal(b.meters[0].writes, k ? 1 : 2);
		/* 2027-01-15 08:00:00 UTC is Friday 16:00:00 there. */
		assert_int_equal(b.meters[0].clock_offset, 8 * 3600);
		if (!k)
			assert_memory_equal(b.meters[0].date, "\x05\x15\x01\x27", 4);
		b.meters[0].fault = DEVICE_STUCK;
		b.meters[0].clock_offset = 0;
		order(&b, "clock_set", k ? &broadcast : &write, 1, false, 5);
		assert_string_equal(b.states, "sent refused ");
		bench_close(&b);
	}
}

static void parameters_are_written_and_read_back(void **state)
{
	(void)state;
	bench b = { 0 };
	const hub_setting price[] = { { "identifier", "04050101" }, { "data", "00006230" } };
	meter_add(&b, "1", false, DEVICE_FINE);
	bench_open(&b, commanded, 4);
	order(&b, "tariff_set", price, 2, false, 3);
	assert_string_equal(b.states, "sent confirmed ");
	assert_memory_equal(b.meters[0].parameters[0].bytes, "\x30\x62\x00\x00", 4);
	const hub_setting none[] = { { "identifier", "00010000" }, { "data", "00" } };
	order(&b, "archive_set", none, 2, false, 3);
	assert_string_equal(b.reason, "no_data");
	order(&b, "archive_set", none, 1, false, 3);
	assert_string_equal(b.states, "refused ");
	bench_close(&b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_meter_is_polled_each_round),
		cmocka_unit_test(meters_of_the_registry_are_polled_when_none_is_named),
		cmocka_unit_test(an_old_meter_is_asked_in_its_version),
		cmocka_unit_test(a_silent_meter_does_not_hold_up_the_line),
		cmocka_unit_test(a_spoilt_answer_is_refused_and_asked_again),
		cmocka_unit_test(noise_and_duplicates_lose_nothing),
		cmocka_unit_test(a_read_by_command_has_a_result),
		cmocka_unit_test(a_meter_that_refuses_says_why),
		cmocka_unit_test(relay_power_and_alarm_obey_and_show_it),
		cmocka_unit_test(a_command_is_sent_once),
		cmocka_unit_test(a_wrong_password_is_refused_by_name),
		cmocka_unit_test(clocks_are_set_by_write_and_by_broadcast),
		cmocka_unit_test(parameters_are_written_and_read_back),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
