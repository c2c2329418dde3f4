#include "cjt188.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/fail.h"

enum { REPLY = 0x80, ERROR = 0x40, READ_ADDRESS = 0x03, WRITE_ADDRESS = 0x15 };

hub_status session_emit(session *s, hub_record *r)
{
	if (s->index++ < s->taken)
		return HUB_OK;
	if (s->frame) {
		r->raw = s->frame->raw;
		r->raw_len = s->frame->raw_len;
	}
	hub_status st = s->in->api->emit(s->link, r);
	s->taken += st == HUB_OK;
	return st;
}

hub_status session_refuse(session *s, const hub_fault *fault, const uint8_t *raw, size_t len)
{
	if (s->index++ < s->taken)
		return HUB_OK;
	hub_status st = s->in->api->reject(s->link, fault, raw, len);
	s->taken += st == HUB_OK;
	return st;
}

static hub_status on_reading(void *context, const hub_reading *reading)
{
	hub_record r = { .type = HUB_RECORD_READING, .reading = *reading };
	return session_emit(context, &r);
}

static hub_status on_refuse(void *context, const hub_fault *fault)
{
	session *s = context;
	return session_refuse(s, fault, s->frame->raw, s->frame->raw_len);
}

static hub_status on_keep(void *context, const char *kind, const hub_setting *details, size_t count)
{
	session *s = context;
	hub_record r = { .type = HUB_RECORD_ARCHIVE };
	r.archive = (hub_archive){ s->frame->meter, "", kind, 0, details, count };
	return session_emit(s, &r);
}

/* An error reply: sequence number and status. */
static hub_status error_reply(session *s, const cjt_frame *f, char reason[16])
{
	char code[3];
	snprintf(code, sizeof code, "%02X", f->control);
	snprintf(reason, 16, "%s%02X%02X", "status ", f->len > 1 ? f->data[1] : 0, f->len > 2 ? f->data[2] : 0);
	const hub_setting details[] = { { "control", code }, { "reason", reason } };
	hub_record r = { .type = HUB_RECORD_EVENT };
	r.event = (hub_event){ .meter = f->meter, .channel = "", .code = "request_refused", .details = details,
			       .detail_count = 2 };
	return session_emit(s, &r);
}

/* The frame's records. *ret_good: it answers a question, and not with an error. */
static hub_status frame_take(session *s, const cjt_frame *f, bool *ret_good)
{
	uint8_t code = f->control & ~(REPLY | ERROR);
	char reason[16] = "";
	hub_fault fault;
	hub_status st = HUB_OK;
	*ret_good = false;
	if (!(f->control & REPLY) || ((code == READ_ADDRESS || code == WRITE_ADDRESS) && !(f->control & ERROR)))
		return HUB_OK;
	if (f->control & ERROR) {
		st = error_reply(s, f, reason);
		return st == HUB_OK ? master_result(s, f, false, reason) : st;
	}
	if (f->len < 3) {
		hub_fault_set(&fault, "cjt188.length", "L",
			      "an answer has at least an identifier and a sequence number, 3 bytes: L is %u; report the meter", f->len);
		return on_refuse(s, &fault);
	}
	*ret_good = true;
	const cjt_sink sink = { s, on_reading, on_refuse, on_keep, s->in->utc_offset, s->in->cold_first };
	if (f->len > 3)
		st = cjt_data_take(&sink, f);
	return st == HUB_OK ? master_result(s, f, true, "") : st;
}

/* A run that began no frame is noise, unless it was all there is. */
static hub_status noise_end(session *s, bool only)
{
	int64_t count;
	hub_fault fault;
	hub_status st = HUB_OK;
	if (!s->noise_len)
		return HUB_OK;
	if (only) {
		hub_fault_set(&fault, "cjt188.start", "start",
			      "a frame begins with 68H and the meter's type: %zu bytes had no such start; check baud rate and parity",
			      s->noise_len);
		s->index = 0;
		st = session_refuse(s, &fault, s->noise, s->noise_len < NOISE_KEPT ? s->noise_len : NOISE_KEPT);
		s->taken = 0;
		s->framed = s->framed || st == HUB_OK;
	} else {
		s->in->api->counter(s->in->host, "noise_bytes", (int64_t)s->noise_len, &count);
	}
	s->noise_len = st == HUB_OK ? 0 : s->noise_len;
	return st;
}

static void noise_add(session *s, const uint8_t *bytes, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		if (s->noise_len < NOISE_KEPT)
			s->noise[s->noise_len] = bytes[i];
		s->noise_len++;
	}
}

static hub_status document_end(session *s)
{
	hub_fault fault;
	hub_status st = noise_end(s, !s->framed);
	if (st == HUB_OK && s->seen && !s->framed) {
		hub_fault_set(&fault, "cjt188.truncated", "frame",
			      "a frame follows the preamble: nothing came; send it again whole");
		s->index = 0;
		st = session_refuse(s, &fault, NULL, 0);
		s->taken = 0;
	}
	if (st == HUB_OK)
		s->seen = s->framed = false;
	return st;
}

/* One frame or refusal at the front. */
static hub_status step(session *s, const cjt_frame *f, const hub_fault *fault, const uint8_t *bytes, size_t len)
{
	bool good = false;
	hub_status st = noise_end(s, false);
	if (st != HUB_OK)
		return st;
	s->index = 0;
	s->frame = f;
	st = f ? frame_take(s, f, &good) : session_refuse(s, fault, bytes, len);
	s->frame = NULL;
	if (st != HUB_OK)
		return st;
	s->taken = 0;
	s->framed = true;
	if (f)
		master_answered(s, f, good);
	return HUB_OK;
}

static hub_status cjt_input(void *self, const uint8_t *bytes, size_t len, bool end, size_t *ret_used)
{
	session *s = self;
	size_t at = 0;
	hub_status st = HUB_OK;
	while (at < len && st == HUB_OK) {
		cjt_frame f;
		hub_fault fault;
		size_t used;
		cjt_scan found = cjt_frame_scan(bytes + at, len - at, end, &f, &used, &fault);
		if (found == CJT_MORE)
			break;
		s->seen = true;
		if (found == CJT_NOISE || (found == CJT_PREAMBLE && s->noise_len))
			noise_add(s, bytes + at, used);
		else if (found != CJT_PREAMBLE)
			st = step(s, found == CJT_FRAME ? &f : NULL, &fault, bytes + at, used);
		at += st == HUB_OK ? used : 0;
	}
	if (st == HUB_OK && end)
		st = document_end(s);
	*ret_used = at;
	return st;
}

static const hub_option options[] = {
	{ "meters", "", "addresses to poll, as printed, separated by commas; empty: those the registry gives" },
	{ "type", "10", "meter type T of questions, hex: 10 cold water, 11 hot water, 20 heat, 30 gas …, AA any" },
	{ "identifier_order", "2004", "2004: 90H 1FH; 2018: 1FH 90H. Of questions; answers are read either way" },
	{ "heat_first", "settlement", "a heat meter's first energy: settlement (the settlement day's) or cold" },
	{ "interval", "3600", "seconds from one round of polls to the next, 0 to 86400; 0: listen only" },
	{ "timeout", "3000", "milliseconds to wait for an answer, 100 to 60000" },
	{ "retries", "2", "how often a question is repeated, 0 to 9" },
	{ "preamble", "3", "FEH bytes before a question, 0 to 16" },
	{ "utc_offset", "+08:00", "of the meters' own clocks, as +hh:mm" },
	{ NULL, NULL, NULL },
};

static void cjt_close(void *self)
{
	instance *in = self;
	if (in)
		free(in->meters);
	free(in);
}

static hub_status cjt_open(const hub_host_api *api, hub_host *host, const hub_setting *settings, void **ret_self,
			   hub_fault *fault)
{
	instance *in = fail_calloc(1, sizeof *in);
	if (!in)
		return HUB_NOMEM;
	in->api = api;
	in->host = host;
	hub_status st = options_read(in, settings, fault);
	if (st != HUB_OK) {
		cjt_close(in);
		return st;
	}
	*ret_self = in;
	return HUB_OK;
}

static hub_status cjt_session_open(void *self, const hub_peer *peer, hub_link *link, void **ret_session)
{
	session *s = fail_calloc(1, sizeof *s);
	if (!s)
		return HUB_NOMEM;
	s->in = self;
	s->link = link;
	if (peer->transport & (HUB_TCP_CLIENT | HUB_TCP_SERVER | HUB_SERIAL))
		master_start(s);
	*ret_session = s;
	return HUB_OK;
}

static hub_status cjt_timer(void *self, hub_time now)
{
	return master_timer(self, now);
}

static hub_status cjt_command(void *self, const hub_command *command)
{
	return master_command(self, command);
}

static void cjt_session_close(void *self)
{
	free(self);
}

const hub_adapter hub_adapter_table = {
	.abi = HUB_ADAPTER_ABI,
	.name = "cjt188",
	.version = "1",
	.summary = "CJ/T 188-2004 and -2018 water, gas and heat meters: decoder, polling master and valves",
	.options = options,
	.transports = HUB_TCP_CLIENT | HUB_TCP_SERVER | HUB_SERIAL | HUB_DIRECTORY | HUB_MESSAGE,
	.frame_max = 4096,
	.open = cjt_open,
	.close = cjt_close,
	.session_open = cjt_session_open,
	.input = cjt_input,
	.timer = cjt_timer,
	.command = cjt_command,
	.session_close = cjt_session_close,
};
