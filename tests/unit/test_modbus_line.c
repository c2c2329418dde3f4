/* The adapter's master against the simulated devices, over a line made of two buffers. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <setjmp.h>

#include <cmocka.h>

#include "base/decimal.h"
#include "host/session.h"
#include "modbus/device.h"

enum { MS = 1000, SECOND = 1000000, UNITS = 8, ANSWERS = 64 };

typedef struct waiting {
	hub_time due;
	size_t len;
	uint8_t bytes[DEVICE_ANSWER_MAX];
} waiting;

typedef struct bench {
	hub_host *host;
	hub_link *link;
	bool tcp;
	device_meter meters[UNITS];
	size_t meter_count;
	hub_time now, delay;
	buf to_device;
	waiting answers[ANSWERS];
	size_t open, most_open, questions;
	size_t readings, refusals, results;
	size_t of_meter[UNITS];
	char states[128], reason[64], value[48];
} bench;

static hub_status on_record(void *context, hub_link *link, const record *r)
{
	(void)link;
	bench *b = context;
	if (r->body.type == HUB_RECORD_READING) {
		b->readings++;
		b->of_meter[r->body.reading.meter[1] - '1']++;
	}
	b->refusals += r->body.type == HUB_RECORD_FAULT;
	if (r->body.type == HUB_RECORD_RESULT) {
		b->results++;
		snprintf(b->states + strlen(b->states), sizeof b->states - strlen(b->states), "%s ",
			 r->body.result.state);
		snprintf(b->reason, sizeof b->reason, "%s", r->body.result.reason);
		snprintf(b->value, sizeof b->value, "%s",
			 r->body.result.detail_count ? r->body.result.details[0].value : "");
	}
	return HUB_OK;
}

static hub_status on_send(void *context, hub_link *link, const uint8_t *bytes, size_t len)
{
	(void)link;
	bench *b = context;
	b->questions++;
	buf_put(&b->to_device, bytes, len);
	return HUB_OK;
}

static hub_time now(void *context)
{
	return ((bench *)context)->now;
}

static const host_calls calls = { .on_record = on_record, .on_send = on_send, .now = now };

static void bench_open(bench *b, bool tcp, const hub_setting *options, size_t count)
{
	const hub_peer peer = { tcp ? HUB_TCP_CLIENT : HUB_SERIAL, "192.0.2.1:502", "" };
	hub_fault fault = { 0 };
	b->tcp = tcp;
	b->now = INT64_C(1800000000000000);
	b->delay = b->delay ? b->delay : 20 * MS;
	assert_int_equal(instance_open(&hub_adapter_table, &calls, b, options, count, &b->host, &fault), HUB_OK);
	assert_int_equal(session_open(b->host, &peer, NULL, &b->link), HUB_OK);
}

static void bench_close(bench *b)
{
	instance_close(b->host);
	buf_fini(&b->to_device);
}

static void units(bench *b, size_t count)
{
	for (size_t i = 0; i < count; i++)
		device_init(&b->meters[i], (uint8_t)(i + 1), (uint32_t)i);
	b->meter_count = count;
}

static void ask_devices(bench *b)
{
	size_t start, end;
	while ((end = device_request(b->tcp, b->to_device.bytes, b->to_device.len, &start))) {
		device_meter *m;
		waiting *w = NULL;
		for (size_t i = 0; i < ANSWERS && !w; i++)
			w = b->answers[i].due ? NULL : &b->answers[i];
		assert_non_null(w);
		w->len = device_answer(b->meters, b->meter_count, b->tcp, b->to_device.bytes + start, end - start,
				       w->bytes, &m);
		w->due = w->len ? b->now + b->delay : 0;
		b->open += w->len > 0;
		b->most_open = b->open > b->most_open ? b->open : b->most_open;
		buf_drop(&b->to_device, end);
	}
}

/* Lets questions and answers go to and fro, and time pass. */
static void run(bench *b, hub_time time)
{
	hub_time until = b->now + time;
	while (b->now < until) {
		hub_time wake = instance_wake(b->host);
		if (wake && wake <= b->now)
			instance_timers(b->host);
		ask_devices(b);
		for (size_t i = 0; i < ANSWERS; i++)
			if (b->answers[i].due && b->answers[i].due <= b->now) {
				b->answers[i].due = 0;
				b->open--;
				assert_int_equal(session_input(b->link, b->answers[i].bytes, b->answers[i].len, false),
						 HUB_OK);
				ask_devices(b);
			}
		b->now += MS;
	}
}

static const hub_setting eight[] = { { "devices", "1=m1,2=m2,3=m3,4=m4,5=m5,6=m6,7=m7,8=m8" }, { "timeout", "300" } };

static void tcp_has_many_questions_open(void **state)
{
	(void)state;
	bench b = { .delay = 200 * MS };
	units(&b, 8);
	bench_open(&b, true, eight, 2);
	run(&b, 2 * SECOND);
	/* Two reads a unit (the ADW300's registers lie in two runs) of ten and two rows. */
	assert_int_equal(b.readings, 8 * 12);
	assert_int_equal(b.most_open, 4);
	assert_int_equal(b.questions, 16);
	bench_close(&b);
}

static void rtu_has_one_and_keeps_silence(void **state)
{
	(void)state;
	bench b = { 0 };
	units(&b, 8);
	bench_open(&b, false, eight, 2);
	run(&b, 2 * SECOND);
	assert_int_equal(b.readings, 8 * 12);
	assert_int_equal(b.most_open, 1);
	bench_close(&b);
}

static void dead_units_take_nothing_from_the_others(void **state)
{
	(void)state;
	for (int tcp = 0; tcp < 2; tcp++) {
		bench b = { 0 };
		units(&b, 8);
		for (size_t i = 0; i < 3; i++)
			b.meters[i * 2].fault = DEVICE_SILENT;
		bench_open(&b, tcp, eight, 2);
		run(&b, 30 * SECOND);
		/* The living: voltages, currents and powers every 5 s, energies once. */
		for (size_t i = 0; i < 8; i++) {
			bool dead = i < 6 && i % 2 == 0;
			assert_true(dead ? b.of_meter[i] == 0 : b.of_meter[i] >= 5 * 10 + 2);
		}
		b.meters[0].fault = DEVICE_FINE;
		run(&b, 61 * SECOND);
		assert_true(b.of_meter[0] > 12);
		bench_close(&b);
	}
}

static void what_a_device_refuses_is_asked_once(void **state)
{
	(void)state;
	bench b = { 0 };
	units(&b, 1);
	b.meters[0].fault = DEVICE_EXCEPTION;
	const hub_setting one[] = { { "devices", "1=m1" } };
	bench_open(&b, true, one, 1);
	run(&b, 30 * SECOND);
	assert_int_equal(b.questions, 2);
	bench_close(&b);
}

static hub_status order(bench *b, const char *kind, const char *channel, const char *key, const char *value,
			bool repeated)
{
	const hub_setting argument = { key, value };
	const hub_command c = { "c1", kind, "m1", channel, b->now + 60 * SECOND, &argument, 1, repeated };
	b->states[0] = '\0';
	return instance_command(b->host, &c);
}

static const hub_setting relay[] = { { "map", "relay_unit" }, { "devices", "1=m1" }, { "timeout", "300" } };

static void relays_switch_and_are_read_back(void **state)
{
	(void)state;
	for (int tcp = 0; tcp < 2; tcp++) {
		bench b = { 0 };
		units(&b, 1);
		bench_open(&b, tcp, relay, 3);
		assert_int_equal(order(&b, "switch", "r3", "state", "on", false), HUB_OK);
		run(&b, SECOND);
		assert_string_equal(b.states, "sent confirmed ");
		assert_int_equal(b.meters[0].coils[2], 1);
		assert_int_equal(b.meters[0].writes, 1);
		assert_int_equal(order(&b, "switch", "", "state", "on", false), HUB_OK); /* by function 15 */
		run(&b, SECOND);
		assert_int_equal(b.meters[0].coils[0], 1);
		assert_int_equal(order(&b, "switch", "r3", "state", "off", false), HUB_OK);
		run(&b, SECOND);
		assert_int_equal(b.meters[0].coils[2], 0);
		assert_int_equal(b.meters[0].writes, 3);
		bench_close(&b);
	}
}

static void set_points_are_exact_or_refused(void **state)
{
	(void)state;
	bench b = { 0 };
	units(&b, 1);
	bench_open(&b, true, relay, 3);
	order(&b, "set_point", "", "value", "12.5", false);
	run(&b, SECOND);
	assert_string_equal(b.states, "sent confirmed ");
	assert_string_equal(b.value, "12.5");
	assert_int_equal(b.meters[0].holding[100], 125);
	order(&b, "set_point", "float", "value", "-0.25", false);
	run(&b, SECOND);
	assert_string_equal(b.states, "sent confirmed ");
	assert_int_equal(b.meters[0].holding[102], 0xbe80);
	static const char *const wrong[] = { "12.55", "100.1", "-1", "much" };
	for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
		order(&b, "set_point", "", "value", wrong[i], false);
		run(&b, SECOND);
		assert_string_equal(b.states, "refused ");
	}
	assert_int_equal(b.meters[0].writes, 2);
	bench_close(&b);
}

static void a_write_is_never_sent_twice(void **state)
{
	(void)state;
	bench b = { 0 };
	units(&b, 1);
	bench_open(&b, true, relay, 3);
	/* It does it and answers nothing: the state read back proves it. */
	b.meters[0].fault = DEVICE_DEAF;
	order(&b, "switch", "r1", "state", "on", false);
	run(&b, 5 * SECOND);
	assert_string_equal(b.states, "sent confirmed ");
	/* It says it did and did not. */
	b.meters[0].fault = DEVICE_STUCK;
	order(&b, "switch", "r2", "state", "on", false);
	run(&b, 5 * SECOND);
	assert_string_equal(b.states, "sent refused ");
	assert_string_equal(b.reason, "not_done");
	/* After a crash only the look is repeated. */
	b.meters[0].fault = DEVICE_FINE;
	order(&b, "switch", "r1", "state", "on", true);
	run(&b, SECOND);
	assert_string_equal(b.states, "confirmed ");
	order(&b, "switch", "r4", "state", "on", true);
	run(&b, 5 * SECOND);
	assert_string_equal(b.states, "refused ");
	assert_int_equal(b.meters[0].writes, 2);
	/* Nobody there: never confirmed. */
	b.meters[0].fault = DEVICE_SILENT;
	order(&b, "switch", "r5", "state", "on", false);
	run(&b, 5 * SECOND);
	assert_string_equal(b.states, "sent sent ");
	assert_string_equal(b.reason, "no_answer");
	bench_close(&b);
}

static void reads_on_demand(void **state)
{
	(void)state;
	bench b = { 0 };
	units(&b, 1);
	bench_open(&b, true, eight, 2);
	run(&b, SECOND);
	size_t before = b.of_meter[0];
	assert_int_equal(order(&b, "read", "", "x", "", false), HUB_OK);
	run(&b, SECOND);
	assert_string_equal(b.states, "confirmed ");
	assert_int_equal(b.of_meter[0], before + 12);
	order(&b, "switch", "", "state", "on", false);
	assert_string_equal(b.reason, "not_supported");
	const hub_command stranger = { "c2", "read", "m9", "", 0, NULL, 0, false };
	assert_int_equal(instance_command(b.host, &stranger), HUB_MISSING);
	bench_close(&b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(tcp_has_many_questions_open),
		cmocka_unit_test(rtu_has_one_and_keeps_silence),
		cmocka_unit_test(dead_units_take_nothing_from_the_others),
		cmocka_unit_test(what_a_device_refuses_is_asked_once),
		cmocka_unit_test(relays_switch_and_are_read_back),
		cmocka_unit_test(set_points_are_exact_or_refused),
		cmocka_unit_test(a_write_is_never_sent_twice),
		cmocka_unit_test(reads_on_demand),
	};
	return cmocka_run_group_tests_name("modbus line", tests, NULL, NULL);
}
