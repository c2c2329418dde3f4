#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "ledger.h"
#include "line.h"
#include "model/record.h"
#include "transport.h"

enum { COUNTERS_MAX = 131072 /* two for each of 65,536 stations */ };

/* Only its length is looked at: what is inside is the core's to judge. */
static hub_status take_record(keeper *in, hub_reader *body)
{
	line *l = keeper_line(in, hub_reader_varint(body));
	uint8_t type = hub_reader_u8(body);
	size_t len;
	const uint8_t *rest = frame_blob(body, &len);
	if (body->bad || len > RECORD_MAX)
		return HUB_REJECT;
	if (!l) {
		in->strays++;
		return HUB_OK;
	}
	hub_time now = clock_now();
	uint8_t packed[RECORD_MAX + LINE_ADDRESS + 32];
	buf out = { .bytes = packed, .cap = sizeof packed };
	buf_u8(&out, 1);
	buf_u8(&out, type);
	buf_zigzag(&out, now);
	buf_str(&out, l->address);
	if (out.len + len > RECORD_MAX)
		return HUB_REJECT;
	buf_put(&out, rest, len);
	uint64_t seq;
	hub_status st = journal_append(in->journal, out.bytes, out.len, now, &seq);
	in->full += st == HUB_AGAIN && !in->is_full;
	in->is_full = st == HUB_AGAIN;
	if (st != HUB_OK)
		return st == HUB_AGAIN || st == HUB_NOMEM ? HUB_AGAIN : HUB_FAILED;
	in->appended = seq;
	in->records++;
	in->rejected += type == HUB_RECORD_FAULT;
	return HUB_OK;
}

static hub_status to_peer(keeper *in, hub_reader *body)
{
	line *l = keeper_line(in, hub_reader_varint(body));
	size_t len;
	const uint8_t *bytes = frame_blob(body, &len);
	if (!body->bad && l)
		line_send(l, bytes, len);
	return HUB_OK;
}

static hub_status reply(keeper *in, hub_reader *body)
{
	uint64_t number = hub_reader_varint(body), mark = hub_reader_varint(body);
	size_t len;
	const uint8_t *bytes = frame_blob(body, &len);
	if (body->bad || !keeper_line(in, number))
		return HUB_OK;
	return promise_give(in, number, mark, NULL, bytes, len) ? HUB_OK : HUB_AGAIN;
}

static hub_status hang_up(keeper *in, hub_reader *body)
{
	line *l = keeper_line(in, hub_reader_varint(body));
	char reason[128];
	frame_text(body, reason, sizeof reason);
	if (!body->bad && l) {
		log_info("instance '%s': %s: hung up: %s", in->name, l->address, reason);
		line_hang_up(l, reason);
	}
	return HUB_OK;
}

static hub_status done(keeper *in, hub_reader *body)
{
	line *l = keeper_line(in, hub_reader_varint(body));
	if (body->bad || !l)
		return HUB_OK;
	if (l->deliver)
		return HUB_OK; /* the next message is the next document */
	if (!l->ended)
		return HUB_REJECT;
	if (in->transport->document_done)
		in->transport->document_done(in->transport, l);
	l->done = true;
	line_settle(l);
	return HUB_OK;
}

static hub_status counter(keeper *in, hub_reader *body)
{
	char name[128];
	frame_text(body, name, sizeof name);
	int64_t value = hub_reader_zigzag(body);
	if (body->bad || (json_object_size(in->counters) >= COUNTERS_MAX && !json_object_get(in->counters, name)))
		return HUB_REJECT;
	json_object_set_new(in->counters, name, json_integer(value));
	in->counters_changed = true;
	return HUB_OK;
}

static hub_status log_text(keeper *in, hub_reader *body)
{
	uint8_t level = hub_reader_u8(body);
	char text[512];
	frame_text(body, text, sizeof text);
	if (level <= LOG_WARN)
		snprintf(in->error, sizeof in->error, "%.255s", text);
	log_line(level <= LOG_DEBUG ? (log_level)level : LOG_DEBUG, NULL, "instance '%s': %s", in->name, text);
	return HUB_OK;
}

/* A command whose sending cannot be kept must not be sent: the child is ended before its bytes are seen. */
static hub_status told(keeper *in, hub_reader *body)
{
	char id[130];
	frame_text(body, id, sizeof id);
	if (body->bad)
		return HUB_REJECT;
	if (ledger_sent(in->host->ledger, id))
		return HUB_OK;
	keeper_error(in, "the list of sent commands cannot be written: check the disk of %s", in->host->state_dir);
	return HUB_FAILED;
}

static hub_status did(keeper *in, hub_reader *body)
{
	uint64_t ticket = hub_reader_varint(body);
	size_t count;
	const uint8_t *states = frame_blob(body, &count);
	if (body->bad || !ticket)
		return HUB_REJECT;
	for (size_t i = 0; i < count; i++)
		if (states[i] > HUB_FAILED)
			return HUB_REJECT;
	for (size_t i = 0; i < sizeof in->commands_open / sizeof *in->commands_open; i++)
		if (in->commands_open[i] == ticket) {
			in->commands_open[i] = 0;
			in->host->commanded(in->host, ticket, states, count);
			return HUB_OK;
		}
	return HUB_REJECT;
}

static hub_status ready(keeper *in, hub_reader *body)
{
	uint64_t transports = hub_reader_varint(body);
	if (in->phase != KEEPER_STARTING)
		return HUB_REJECT;
	if (!(transports & in->config.transport)) {
		keeper_error(in, "adapter '%s' does not take this kind of transport", in->config.adapter);
		in->phase = KEEPER_STOPPED;
		return HUB_FAILED;
	}
	hub_fault fault = { 0 };
	in->phase = KEEPER_READY;
	in->ready_since = in->heard = clock_monotonic();
	in->pinged = 0;
	if (in->transport->start(in->transport, &fault) != HUB_OK) {
		keeper_error(in, "%s", fault.message);
		return HUB_FAILED;
	}
	log_info("instance '%s': adapter '%s' is ready", in->name, in->config.adapter);
	return HUB_OK;
}

static hub_status alive(keeper *in, hub_reader *body)
{
	(void)in, (void)body; /* on_child has noted it */
	return HUB_OK;
}

static hub_status refused(keeper *in, hub_reader *body)
{
	char code[64], message[256];
	frame_text(body, code, sizeof code);
	frame_text(body, message, sizeof message);
	if (in->phase != KEEPER_STARTING)
		return HUB_REJECT;
	keeper_error(in, "adapter '%s' refused to open: %s: %.180s", in->config.adapter, code, message);
	in->phase = KEEPER_STOPPED;
	return HUB_FAILED;
}

static const struct {
	frame_type type;
	hub_status (*hear)(keeper *in, hub_reader *body);
} words[] = {
	{ FRAME_RECORD, take_record }, { FRAME_SEND, to_peer }, { FRAME_REPLY, reply },     { FRAME_HANG_UP, hang_up },
	{ FRAME_DONE, done },     { FRAME_COUNTER, counter }, { FRAME_LOG, log_text }, { FRAME_DID, did }, { FRAME_TOLD, told },
	{ FRAME_READY, ready },   { FRAME_REFUSED, refused }, { FRAME_PONG, alive },
};

hub_status speech_hear(keeper *in, frame_type type, hub_reader *body)
{
	for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
		if (words[i].type != type)
			continue;
		if (in->phase != KEEPER_READY && type != FRAME_READY && type != FRAME_REFUSED && type != FRAME_LOG &&
		    type != FRAME_COUNTER)
			return HUB_REJECT;
		hub_status st = words[i].hear(in, body);
		return st == HUB_OK && (body->bad || hub_reader_left(body)) ? HUB_REJECT : st;
	}
	return HUB_REJECT;
}
