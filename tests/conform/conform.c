/* What every adapter must bear, whatever its protocol: docs/decisions/0001-adapter-abi.md. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <setjmp.h>

#include <cmocka.h>

#include "base/fail.h"
#include "suite.h"

static vector *vectors;
static size_t vector_count;
static const hub_peer peer = { HUB_MESSAGE, "conform", "" };
static const hub_peer live = { HUB_TCP_CLIENT, "192.0.2.1:8000", "" };

/* An instance of the vector's options with one session. */
typedef struct stage {
	fake host;
	hub_host *instance;
	hub_link *link;
} stage;

static hub_status stage_open(stage *s, const vector *v, const hub_peer *p)
{
	hub_fault fault = { 0 };
	fake_init(&s->host);
	s->link = NULL;
	s->instance = NULL;
	hub_status st = instance_open(&hub_adapter_table, &fake_calls, &s->host, v->options, v->option_count, &s->instance,
				      &fault);
	return st == HUB_OK ? session_open(s->instance, p, NULL, &s->link) : st;
}

static void stage_close(stage *s)
{
	instance_close(s->instance);
	fake_fini(&s->host);
}

static void stage_for(stage *s, const vector *v)
{
	assert_int_equal(stage_open(s, v, &peer), HUB_OK);
}

static hub_status feed(stage *s, const uint8_t *bytes, size_t len, bool end)
{
	hub_status st = session_input(s->link, bytes, len, end);
	while (st == HUB_AGAIN)
		st = session_resume(s->link);
	return st;
}

/* How bytes are cut: NULL for whole. */
typedef size_t (*cutter)(size_t left);

static size_t one_byte(size_t left)
{
	(void)left;
	return 1;
}

static size_t at_random(size_t left)
{
	size_t n = 1 + (size_t)rand() % 40;
	return n < left ? n : left;
}

static void play(stage *s, const vector *v, cutter cut, bool twice)
{
	for (size_t i = 0; i < v->count; i++)
		for (int k = 0; k <= twice; k++) {
			const document *d = &v->documents[i];
			for (size_t at = 0; cut && at < d->len;) {
				size_t n = cut(d->len - at);
				assert_int_equal(feed(s, d->bytes + at, n, false), HUB_OK);
				at += n;
			}
			assert_int_equal(feed(s, d->bytes, cut ? 0 : d->len, true), HUB_OK);
		}
}

static void assert_same(const fake *a, const fake *b, const char *name)
{
	if (a->records.len != b->records.len || memcmp(a->records.bytes, b->records.bytes, a->records.len) != 0)
		fail_msg("%s: %zu records, then %zu, or others", name, a->count, b->count);
}

static void opens_and_closes(void **state)
{
	(void)state;
	stage s;
	stage_for(&s, &vectors[0]);
	session_close(s.link);
	stage_close(&s);
	hub_adapter_table.close(NULL);
	hub_adapter_table.session_close(NULL);
	assert_true(hub_adapter_table.transports != 0);
	assert_int_equal(hub_adapter_table.abi, HUB_ADAPTER_ABI);
}

static void says_the_same_however_bytes_are_cut(void **state)
{
	(void)state;
	static const cutter cuts[] = { one_byte, at_random, at_random, at_random };
	srand(1);
	for (size_t i = 0; i < vector_count; i++) {
		stage whole, cut;
		stage_for(&whole, &vectors[i]);
		play(&whole, &vectors[i], NULL, false);
		for (size_t k = 0; k < sizeof cuts / sizeof *cuts; k++) {
			stage_for(&cut, &vectors[i]);
			play(&cut, &vectors[i], cuts[k], false);
			assert_same(&whole.host, &cut.host, vectors[i].name);
			stage_close(&cut);
		}
		stage_close(&whole);
	}
}

static void says_the_same_when_there_was_no_room(void **state)
{
	(void)state;
	for (size_t i = 0; i < vector_count; i++) {
		stage whole, again;
		stage_for(&whole, &vectors[i]);
		play(&whole, &vectors[i], NULL, false);
		for (long at = -1; at < (long)whole.host.count; at++) {
			stage_for(&again, &vectors[i]);
			again.host.again_at = at;
			again.host.again_all = at < 0;
			play(&again, &vectors[i], at % 2 ? NULL : one_byte, false);
			assert_same(&whole.host, &again.host, vectors[i].name);
			stage_close(&again);
		}
		stage_close(&whole);
	}
}

/* A cut document gives at most the beginning of what the whole one gives; the last record may differ in text formats. */
static void truncation_check(const vector *v, const document *d, size_t before)
{
	stage whole, cut;
	stage_for(&whole, v);
	for (size_t i = 0; i < before; i++)
		assert_int_equal(feed(&whole, v->documents[i].bytes, v->documents[i].len, true), HUB_OK);
	buf_clear(&whole.host.records);
	assert_int_equal(feed(&whole, d->bytes, d->len, true), HUB_OK);
	for (size_t len = 1; len < d->len; len++) {
		stage_for(&cut, v);
		for (size_t i = 0; i < before; i++)
			assert_int_equal(feed(&cut, v->documents[i].bytes, v->documents[i].len, true), HUB_OK);
		size_t readings = cut.host.readings, refusals = cut.host.refusals;
		assert_int_equal(feed(&cut, d->bytes, len, true), HUB_OK);
		if (v->framed && cut.host.readings != readings)
			fail_msg("%s line %zu: %zu of %zu bytes gave readings", v->name, d->line, len, d->len);
		if (v->framed && cut.host.refusals == refusals)
			fail_msg("%s line %zu: %zu of %zu bytes were not refused", v->name, d->line, len, d->len);
		if (cut.host.readings > whole.host.readings)
			fail_msg("%s line %zu: %zu of %zu bytes gave more than all", v->name, d->line, len, d->len);
		stage_close(&cut);
	}
	stage_close(&whole);
}

static void refuses_every_truncation(void **state)
{
	(void)state;
	for (size_t i = 0; i < vector_count; i++)
		for (size_t k = 0; k < vectors[i].count; k++)
			truncation_check(&vectors[i], &vectors[i].documents[k], k);
}

static void bears_duplicates(void **state)
{
	(void)state;
	for (size_t i = 0; i < vector_count; i++) {
		stage once, twice;
		stage_for(&once, &vectors[i]);
		play(&once, &vectors[i], NULL, false);
		stage_for(&twice, &vectors[i]);
		play(&twice, &vectors[i], NULL, true);
		assert_true(twice.host.readings >= once.host.readings);
		stage_close(&twice);
		stage_close(&once);
	}
}

static void closes_at_any_moment(void **state)
{
	(void)state;
	for (size_t i = 0; i < vector_count; i++)
		for (size_t len = 0; len < vectors[i].documents[0].len; len++) {
			stage s;
			stage_for(&s, &vectors[i]);
			s.host.again_at = (long)len % 3;
			session_input(s.link, vectors[i].documents[0].bytes, len, len % 2);
			session_close(s.link);
			stage_close(&s);
		}
}

static void bears_failing_allocations(void **state)
{
	(void)state;
	for (size_t i = 0; i < vector_count; i++) {
		bool done = false;
		for (long k = 0; !done; k++) {
			stage s;
			fail_after(k);
			hub_status st = stage_open(&s, &vectors[i], &peer);
			for (size_t d = 0; d < vectors[i].count && st == HUB_OK; d++) {
				const document *doc = &vectors[i].documents[d];
				st = feed(&s, doc->bytes, doc->len, true);
			}
			done = !fail_was_hit();
			fail_after(-1);
			if (done)
				assert_int_equal(st, HUB_OK);
			else
				assert_true(st == HUB_OK || st == HUB_NOMEM || st == HUB_FAILED);
			stage_close(&s);
		}
	}
}

static void wakes_at_any_time(void **state)
{
	(void)state;
	static const hub_time edges[] = { 1, INT64_C(1700000000000000), INT64_C(2147483648000000), INT64_C(4102444800000000),
					  INT64_MAX / 2 };
	for (size_t i = 0; i < vector_count; i++)
		for (size_t e = 0; e < sizeof edges / sizeof *edges; e++) {
			stage s;
			assert_int_equal(stage_open(&s, &vectors[i], &live), HUB_OK);
			s.host.now = edges[e];
			for (int k = 0; k < 20; k++) {
				instance_timers(s.instance);
				hub_time next = instance_wake(s.instance);
				s.host.now = next > s.host.now ? next : s.host.now + 1;
				if (k % 4 == 3)
					session_input(s.link, vectors[i].documents[0].bytes, vectors[i].documents[0].len,
						      false);
				while (session_resume(s.link) == HUB_AGAIN)
					;
			}
			stage_close(&s);
		}
}

static void refuses_bad_options(void **state)
{
	(void)state;
	hub_fault fault;
	hub_host *host = NULL;
	fake f;
	fake_init(&f);
	hub_setting unknown[] = { { "no_such_option", "1" } };
	fault.code = NULL;
	assert_int_equal(instance_open(&hub_adapter_table, &fake_calls, &f, unknown, 1, &host, &fault), HUB_REJECT);
	assert_non_null(fault.code);
	bool required = false;
	for (const hub_option *o = hub_adapter_table.options; o->name; o++) {
		static const char *const values[] = { "\x01", "-1", "99999999999999999999", "", "nonsense/../x", "{\"a\":" };
		required = required || !o->fallback;
		for (size_t i = 0; i < sizeof values / sizeof *values; i++) {
			hub_setting bad[33];
			size_t count = 0;
			for (size_t k = 0; k < vectors[0].option_count; k++)
				if (strcmp(vectors[0].options[k].key, o->name) != 0)
					bad[count++] = vectors[0].options[k];
			bad[count++] = (hub_setting){ o->name, values[i] };
			fault = (hub_fault){ 0 };
			hub_status st = instance_open(&hub_adapter_table, &fake_calls, &f, bad, count, &host, &fault);
			if (st == HUB_OK)
				instance_close(host);
			else
				assert_int_equal(st, HUB_REJECT);
			if (st == HUB_REJECT)
				assert_true(fault.code && *fault.message);
		}
	}
	hub_status st = instance_open(&hub_adapter_table, &fake_calls, &f, NULL, 0, &host, &fault);
	assert_true(st == HUB_REJECT || (st == HUB_OK && !required));
	if (st == HUB_OK)
		instance_close(host);
	fake_fini(&f);
}

static void bears_noise(void **state)
{
	(void)state;
	srand(2);
	for (int k = 0; k < 200; k++) {
		uint8_t bytes[300];
		stage s;
		for (size_t i = 0; i < sizeof bytes; i++)
			bytes[i] = (uint8_t)rand();
		const document *d = &vectors[(size_t)k % vector_count].documents[0];
		stage_for(&s, &vectors[(size_t)k % vector_count]);
		assert_int_equal(feed(&s, bytes, (size_t)rand() % sizeof bytes, true), HUB_OK);
		size_t n = d->len < sizeof bytes ? d->len : sizeof bytes;
		memcpy(bytes, d->bytes, n);
		bytes[(size_t)rand() % n] ^= (uint8_t)(1 << rand() % 8);
		assert_int_equal(feed(&s, bytes, n, true), HUB_OK);
		stage_close(&s);
	}
}

int main(void)
{
	vectors = vectors_load(ADAPTER_VECTORS, &vector_count);
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(opens_and_closes),
		cmocka_unit_test(says_the_same_however_bytes_are_cut),
		cmocka_unit_test(says_the_same_when_there_was_no_room),
		cmocka_unit_test(refuses_every_truncation),
		cmocka_unit_test(bears_duplicates),
		cmocka_unit_test(closes_at_any_moment),
		cmocka_unit_test(bears_failing_allocations),
		cmocka_unit_test(wakes_at_any_time),
		cmocka_unit_test(refuses_bad_options),
		cmocka_unit_test(bears_noise),
	};
	int failed = cmocka_run_group_tests_name(hub_adapter_table.name, tests, NULL, NULL);
	vectors_free(vectors, vector_count);
	return failed;
}
