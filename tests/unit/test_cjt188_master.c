/* The adapter's polling master against simulated meters with valves, over a line made of two buffers. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <setjmp.h>

#include <cmocka.h>

#include "cjt188/device.h"
#include "host/session.h"

enum { SECOND = 1000000 };

typedef struct bench {
	hub_host *host;
	hub_link *link;
	device_meter meters[4];
	size_t meter_count;
	hub_time now;
	buf to_device;
	size_t volumes, refusals;
	char last_meter[16], quantity[32], states[128], reason[64];
	hub_value value;
	int64_t no_answer;
} bench;

static hub_status on_record(void *context, hub_link *link, const record *r)
{
	(void)link;
	bench *b = context;
	const hub_reading *reading = &r->body.reading;
	if (r->body.type == HUB_RECORD_READING && reading->kind == HUB_REGISTER) {
		b->volumes++;
		snprintf(b->quantity, sizeof b->quantity, "%s", reading->quantity);
		snprintf(b->last_meter, sizeof b->last_meter, "%s", reading->meter);
		b->value = reading->value;
	}
	b->refusals += r->body.type == HUB_RECORD_FAULT;
	if (r->body.type == HUB_RECORD_RESULT) {
		snprintf(b->states + strlen(b->states), sizeof b->states - strlen(b->states), "%s ", r->body.result.state);
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

static device_meter *meter_add(bench *b, const char *address, uint8_t type, device_fault fault)
{
	device_meter *m = &b->meters[b->meter_count++];
	*m = (device_meter){ .type = type, .volume = 12345, .litres_per_hour = 36000, .fault = fault };
	assert_true(device_address(address, m->address));
	return m;
}

/* Lets questions and answers go to and fro, and time pass, for so many seconds. */
static void run(bench *b, int seconds)
{
	hub_time begun = INT64_C(1800000000000000), until = b->now + (hub_time)seconds * SECOND;
	while (b->now < until) {
		size_t start, end;
		uint8_t out[DEVICE_ANSWER_MAX];
		hub_time wake = instance_wake(b->host);
		if (wake && wake <= b->now)
			instance_timers(b->host);
		while ((end = device_request(b->to_device.bytes, b->to_device.len, &start))) {
			size_t n = device_answer(b->meters, b->meter_count, b->to_device.bytes + start, end - start,
						 (b->now - begun) / SECOND, begun / SECOND + 8 * 3600, out);
			buf_drop(&b->to_device, end);
			if (n)
				assert_int_equal(session_input(b->link, out, n, false), HUB_OK);
		}
		b->now += SECOND / 10;
	}
}

static void order(bench *b, const char *id, const char *kind, const char *state, hub_time expires, bool repeated,
		  hub_status expected)
{
	const hub_setting argument = { "state", state };
	const hub_command c = { .id = id, .kind = kind, .meter = "00000000000001", .channel = "", .expires = expires,
				.arguments = &argument, .argument_count = 1, .repeated = repeated };
	assert_int_equal(instance_command(b->host, &c), expected);
}

static void every_meter_is_polled_each_round(void **unused)
{
	(void)unused;
	bench b = { 0 };
	const hub_setting options[] = { { "meters", "1,2,3" }, { "interval", "60" }, { "type", "AA" } };
	meter_add(&b, "1", 0x10, DEVICE_FINE);
	meter_add(&b, "2", 0x30, DEVICE_FINE)->low_first = true;
	meter_add(&b, "3", 0x11, DEVICE_FINE);
	bench_open(&b, options, 3);
	run(&b, 30);
	assert_int_equal(b.volumes, 3);
	assert_string_equal(b.quantity, "hot_water_volume");
	assert_string_equal(b.last_meter, "00000000000003");
	assert_int_equal(b.value.digits, 12345);
	run(&b, 60);
	assert_int_equal(b.volumes, 6);
	assert_true(b.value.digits > 12345 + 50); /* 36 m³/h are one step a second */
	assert_int_equal(b.refusals, 0);
	bench_close(&b);
}

static void a_silent_and_a_noisy_meter_do_not_keep_the_others(void **unused)
{
	(void)unused;
	bench b = { 0 };
	const hub_setting options[] = { { "interval", "60" }, { "timeout", "1000" }, { "retries", "1" } };
	meter_add(&b, "1", 0x10, DEVICE_SILENT);
	meter_add(&b, "2", 0x10, DEVICE_CHECKSUM);
	meter_add(&b, "3", 0x10, DEVICE_FINE);
	bench_open(&b, options, 3);
	assert_int_equal(instance_table_put(b.host, "meters", "00000000000001", "{}"), HUB_OK);
	assert_int_equal(instance_table_put(b.host, "meters", "00000000000002", "{}"), HUB_OK);
	assert_int_equal(instance_table_put(b.host, "meters", "00000000000003", "{}"), HUB_OK);
	assert_int_equal(instance_table_put(b.host, "meters", "000000000077", "{}"), HUB_OK); /* another protocol's */
	run(&b, 30);
	assert_int_equal(b.volumes, 1);
	assert_string_equal(b.last_meter, "00000000000003");
	assert_int_equal(b.no_answer, 2);
	assert_int_equal(b.refusals, 2); /* the wrong checksum, twice */
	bench_close(&b);
}

static void a_valve_is_ordered_once_and_seen_to_move(void **unused)
{
	(void)unused;
	bench b = { 0 };
	const hub_setting options[] = { { "meters", "1" }, { "interval", "0" } };
	device_meter *m = meter_add(&b, "1", 0x10, DEVICE_FINE);
	bench_open(&b, options, 2);
	order(&b, "c-1", "switch", "off", b.now + 60 * (hub_time)SECOND, false, HUB_OK);
	order(&b, "c-1", "switch", "off", b.now + 60 * (hub_time)SECOND, false, HUB_OK); /* the host repeats */
	run(&b, 20);
	assert_string_equal(b.states, "sent confirmed ");
	assert_true(m->closed);
	assert_int_equal(m->valve_orders, 1);
	order(&b, "c-2", "switch", "on", b.now + 60 * (hub_time)SECOND, false, HUB_OK);
	run(&b, 20);
	assert_false(m->closed);
	assert_int_equal(m->valve_orders, 2);
	order(&b, "c-3", "read", "", 0, false, HUB_OK);
	run(&b, 5);
	assert_string_equal(b.states, "sent confirmed sent confirmed confirmed ");
	bench_close(&b);
}

static void a_valve_that_sticks_is_never_confirmed(void **unused)
{
	(void)unused;
	bench b = { 0 };
	const hub_setting options[] = { { "meters", "1" }, { "interval", "0" } };
	device_meter *m = meter_add(&b, "1", 0x10, DEVICE_STUCK);
	bench_open(&b, options, 2);
	order(&b, "c-1", "switch", "off", b.now + 30 * (hub_time)SECOND, false, HUB_OK);
	run(&b, 60);
	assert_string_equal(b.states, "sent sent ");
	assert_string_equal(b.reason, "valve_not_seen_to_move");
	assert_int_equal(m->valve_orders, 1);
	bench_close(&b);
}

static void what_a_process_before_sent_is_only_looked_at(void **unused)
{
	(void)unused;
	bench b = { 0 };
	const hub_setting options[] = { { "meters", "1" }, { "interval", "0" } };
	device_meter *m = meter_add(&b, "1", 0x10, DEVICE_FINE);
	m->closed = true; /* as the order before had it */
	bench_open(&b, options, 2);
	order(&b, "c-1", "switch", "off", b.now + 30 * (hub_time)SECOND, true, HUB_OK);
	run(&b, 20);
	assert_string_equal(b.states, "confirmed ");
	assert_int_equal(m->valve_orders, 0);
	bench_close(&b);
}

static void what_is_late_unknown_or_refused_says_so(void **unused)
{
	(void)unused;
	bench b = { 0 };
	const hub_setting options[] = { { "meters", "1" }, { "interval", "0" } };
	device_meter *m = meter_add(&b, "1", 0x10, DEVICE_REFUSE);
	bench_open(&b, options, 2);
	order(&b, "c-1", "switch", "off", b.now, false, HUB_OK); /* expired when it comes */
	run(&b, 5);
	assert_string_equal(b.states, "refused ");
	assert_int_equal(m->valve_orders, 0);
	order(&b, "c-2", "switch", "sideways", 0, false, HUB_OK);
	order(&b, "c-3", "dance", "", 0, false, HUB_OK);
	assert_string_equal(b.states, "refused refused refused ");
	order(&b, "c-4", "read", "", 0, false, HUB_OK);
	run(&b, 5);
	assert_string_equal(b.states, "refused refused refused refused ");
	assert_string_equal(b.reason, "status 0000");
	const hub_command stranger = { .id = "c-5", .kind = "read", .meter = "00000000000009", .channel = "" };
	assert_int_equal(instance_command(b.host, &stranger), HUB_MISSING);
	bench_close(&b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_meter_is_polled_each_round),
		cmocka_unit_test(a_silent_and_a_noisy_meter_do_not_keep_the_others),
		cmocka_unit_test(a_valve_is_ordered_once_and_seen_to_move),
		cmocka_unit_test(a_valve_that_sticks_is_never_confirmed),
		cmocka_unit_test(what_a_process_before_sent_is_only_looked_at),
		cmocka_unit_test(what_is_late_unknown_or_refused_says_so),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
