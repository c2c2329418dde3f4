#include "modbus.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/fail.h"

enum { MEMORY_MAX = 64 * 1024 * 1024 };

hub_status session_emit(session *s, hub_record *r)
{
	if (s->index++ < s->taken)
		return HUB_OK;
	r->raw = s->raw;
	r->raw_len = s->raw_len;
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

static bool is_bits(uint8_t function)
{
	return function == MB_READ_COILS || function == MB_READ_INPUTS;
}

static hub_status row_emit(session *s, const mb_row *row, const char *meter, const uint8_t *at, size_t bit)
{
	hub_record r = { .type = HUB_RECORD_READING };
	hub_fault fault = { 0 };
	hub_value v = { 0 };
	uint64_t raw = is_bits(row->function) ? at[0] >> bit & 1 : mb_raw(&row->layout, at);
	hub_status st = mb_value_read(&row->layout, raw, &v, &fault);
	if (st == HUB_MISSING)
		return HUB_OK;
	if (st != HUB_OK) {
		fault.field = row->quantity;
		return session_refuse(s, &fault, s->raw, s->raw_len);
	}
	r.reading = (hub_reading) { .meter = meter,
				    .channel = row->channel,
				    .quantity = row->quantity,
				    .unit = row->unit,
				    .kind = row->kind,
				    .value = v };
	return session_emit(s, &r);
}

hub_status session_rows(session *s, const mb_map *m, const char *meter, size_t first, size_t count, const question *q,
			const uint8_t *bytes)
{
	hub_status st = HUB_OK;
	for (size_t i = first; i < first + count && st == HUB_OK; i++) {
		const mb_row *row = &m->rows[i];
		if (row->function != q->function || row->address < q->address ||
		    (size_t)row->address + row->words > (size_t)q->address + q->count)
			continue;
		size_t at = (size_t)row->address - q->address;
		st = is_bits(row->function) ? row_emit(s, row, meter, bytes + at / 8, at % 8)
					    : row_emit(s, row, meter, bytes + at * 2, 0);
	}
	return st;
}

hub_status answer_check(const mb_frame *f, const question *q, hub_fault *fault)
{
	size_t bytes = is_bits(q->function) ? (q->count + 7u) / 8 : q->count * 2u;
	bool reads = q->function <= MB_READ_REGISTERS;
	size_t want = reads ? 2 + bytes : 5;
	if (f->pdu_len != want || (reads && f->pdu[1] != bytes))
		return hub_fault_set(fault, "modbus.length", "count",
				     "function %u asked for %u at %u, so its answer has %zu bytes: got %zu",
				     q->function, q->count, q->address, want, f->pdu_len);
	return HUB_OK;
}

static const hub_option options[] = {
	{ "map", "acrel_adw300", "register map of units without one of their own: a name (README) or a file's path" },
	{ "devices", "",
	  "[LINE/]UNIT[:MAP]=METER, separated by commas, or @FILE with one a line; LINE: the peer's address" },
	{ "framing", "auto", "auto (serial lines RTU, TCP links TCP, documents by what they look like), tcp, rtu" },
	{ "timeout", "1000", "milliseconds to wait for an answer, 20 to 60000" },
	{ "retries", "1", "how often a read is asked again, 0 to 9; a write never is" },
	{ "in_flight", "4", "questions open at once on a TCP link, 1 to 16; RTU has one" },
	{ "silence", "5", "milliseconds of silence between frames on RTU, 2 to 1000: 3.5 characters (4 at 9600 baud)" },
	{ "dead_retry", "60", "seconds until a silent unit is asked again, 1 to 86400" },
	{ "assume", "", "FUNCTION:ADDRESS of an answer whose question was not seen; empty: it is refused" },
	{ NULL, NULL, NULL },
};

static void mb_close(void *self)
{
	instance *in = self;
	if (in)
		arena_fini(&in->memory);
	free(in);
}

static hub_status mb_open(const hub_host_api *api, hub_host *host, const hub_setting *settings, void **ret_self,
			  hub_fault *fault)
{
	instance *in = fail_calloc(1, sizeof *in);
	if (!in)
		return HUB_NOMEM;
	in->api = api;
	in->host = host;
	arena_init(&in->memory, MEMORY_MAX);
	hub_status st = options_read(in, settings, fault);
	if (st != HUB_OK) {
		mb_close(in);
		return st;
	}
	*ret_self = in;
	return HUB_OK;
}

static void mb_session_close(void *self)
{
	session *s = self;
	if (s)
		free(s->units);
	free(s);
}

static hub_status mb_session_open(void *self, const hub_peer *peer, hub_link *link, void **ret_session)
{
	session *s = fail_calloc(1, sizeof *s);
	if (!s)
		return HUB_NOMEM;
	s->in = self;
	s->link = link;
	s->listens = !(peer->transport & (HUB_TCP_CLIENT | HUB_TCP_SERVER | HUB_SERIAL));
	s->tcp = s->in->framing == FRAMING_AUTO ? peer->transport != HUB_SERIAL : s->in->framing == FRAMING_TCP;
	hub_status st = s->listens ? HUB_OK : line_open(s, peer);
	if (st != HUB_OK) {
		mb_session_close(s);
		return st;
	}
	*ret_session = s;
	return HUB_OK;
}

static hub_status mb_input(void *self, const uint8_t *bytes, size_t len, bool end, size_t *ret_used)
{
	session *s = self;
	return s->listens ? listen_input(s, bytes, len, end, ret_used) : line_input(s, bytes, len, ret_used);
}

static hub_status mb_timer(void *self, hub_time now)
{
	session *s = self;
	return s->listens ? HUB_OK : line_timer(s, now);
}

static hub_status mb_command(void *self, const hub_command *command)
{
	session *s = self;
	return s->listens ? HUB_MISSING : job_command(s, command);
}

const hub_adapter hub_adapter_table = {
	.abi = HUB_ADAPTER_ABI,
	.name = "modbus",
	.version = "1",
	.summary = "Modbus RTU and TCP devices by register map: decoder, polling master, relays and set-points",
	.options = options,
	.transports = HUB_TCP_CLIENT | HUB_TCP_SERVER | HUB_SERIAL | HUB_DIRECTORY | HUB_MESSAGE,
	.frame_max = 64 * 1024,
	.open = mb_open,
	.close = mb_close,
	.session_open = mb_session_open,
	.input = mb_input,
	.timer = mb_timer,
	.command = mb_command,
	.session_close = mb_session_close,
};
