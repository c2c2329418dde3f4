#include "ocpp16_stage.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <jansson.h>

extern const hub_adapter hub_adapter_table;

static void note(stage *s, const uint8_t *bytes, size_t len, bool after)
{
	assert_true(s->sends < KEPT && len < TEXT);
	memcpy(s->sent[s->sends], bytes, len);
	s->sent[s->sends][len] = 0;
	s->after_store[s->sends++] = after;
}

static hub_status on_record(void *context, hub_link *link, const record *r)
{
	stage *s = context;
	(void)link;
	s->readings += r->body.type == HUB_RECORD_READING;
	s->faults += r->body.type == HUB_RECORD_FAULT;
	if (r->body.type == HUB_RECORD_EVENT) {
		s->events++;
		snprintf(s->event, sizeof s->event, "%s%s", r->body.event.cleared ? "-" : "", r->body.event.code);
	}
	if (r->body.type == HUB_RECORD_TRANSACTION) {
		s->transactions++;
		snprintf(s->transaction, sizeof s->transaction, "%s", r->body.transaction.id);
	}
	if (r->body.type == HUB_RECORD_RESULT)
		snprintf(s->results[s->result_count++ % KEPT], 64, "%s %s %.30s", r->body.result.command,
			 r->body.result.state, r->body.result.reason);
	return HUB_OK;
}

static hub_status on_send(void *context, hub_link *link, const uint8_t *bytes, size_t len)
{
	(void)link;
	note(context, bytes, len, false);
	return HUB_OK;
}

static hub_status on_reply(void *context, hub_link *link, uint64_t mark, const uint8_t *bytes, size_t len)
{
	(void)link;
	assert_true(mark > 0);
	note(context, bytes, len, true);
	return HUB_OK;
}

static void on_hang_up(void *context, hub_link *link, const char *reason)
{
	(void)link;
	(void)reason;
	((stage *)context)->hang_ups++;
}

static void on_counter(void *context, const char *name, int64_t value)
{
	stage *s = context;
	size_t i = 0;
	while (i < s->counter_count && strcmp(s->counters[i].name, name))
		i++;
	assert_true(i < KEPT);
	snprintf(s->counters[i].name, sizeof s->counters[i].name, "%s", name);
	s->counters[i].value = value;
	s->counter_count += i == s->counter_count;
}

static hub_time clock_of(void *context)
{
	return ((stage *)context)->now;
}

static const host_calls calls = { .on_record = on_record,
				  .on_send = on_send,
				  .on_reply = on_reply,
				  .on_hang_up = on_hang_up,
				  .on_counter = on_counter,
				  .now = clock_of,
				  .stamp = true };
const hub_peer stage_peer = { HUB_WEBSOCKET, "CP001", "CP001" };

void stage_open(stage *s)
{
	hub_fault fault;
	s->now = s->now ? s->now : INT64_C(1772352000000000);
	assert_int_equal(instance_open(&hub_adapter_table, &calls, s, NULL, 0, &s->host, &fault), HUB_OK);
	for (size_t i = 0; i < s->counter_count; i++)
		assert_int_equal(instance_counter_put(s->host, s->counters[i].name, s->counters[i].value), HUB_OK);
	assert_int_equal(
	    instance_table_put(s->host, "charge_tags", "GOOD", "{\"status\":\"Accepted\",\"parent\":\"FLEET\"}"),
	    HUB_OK);
	assert_int_equal(instance_table_put(s->host, "charge_tags", "OLD", "{\"expiry\":\"2020-01-01T00:00:00Z\"}"),
			 HUB_OK);
	assert_int_equal(instance_table_put(s->host, "charge_tags", "BAD", "{\"status\":\"Blocked\"}"), HUB_OK);
	assert_int_equal(instance_table_put(s->host, "charge_tags", "ONE", "{\"alone\":true}"), HUB_OK);
	assert_int_equal(instance_table_put(s->host, "chargers", "CP-PENDING", "{\"state\":\"pending\"}"), HUB_OK);
	assert_int_equal(instance_table_put(s->host, "chargers", "CP-REJECTED", "{\"state\":\"rejected\"}"), HUB_OK);
	assert_int_equal(session_open(s->host, &stage_peer, NULL, &s->link), HUB_OK);
}

stage *stage_new(void)
{
	stage *s = calloc(1, sizeof *s);
	assert_non_null(s);
	stage_open(s);
	return s;
}

void stage_free(stage *s)
{
	instance_close(s->host);
	free(s);
}

const char *say_on(stage *s, hub_link *link, const char *text)
{
	size_t before = s->sends;
	assert_int_equal(session_input(link, (const uint8_t *)text, strlen(text), true), HUB_OK);
	return s->sends > before ? s->sent[before] : "";
}

const char *say(stage *s, const char *text)
{
	return say_on(s, s->link, text);
}

hub_status order(stage *s, const char *id, const char *kind, const hub_setting *arguments, size_t count)
{
	const hub_command c = { id, kind, "CP001", "1", s->now + 60000000, arguments, count };
	return instance_command(s->host, &c);
}

void answer_to(stage *s, const char *call, const char *payload)
{
	json_t *frame = json_loads(call, 0, NULL);
	char text[TEXT];
	assert_non_null(frame);
	snprintf(text, sizeof text, "[3,\"%s\",%s]", json_string_value(json_array_get(frame, 1)), payload);
	json_decref(frame);
	assert_int_equal(session_input(s->link, (const uint8_t *)text, strlen(text), true), HUB_OK);
}
