#include "dlt645.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/fail.h"
#include "item.h"

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

static hub_status on_value(void *context, const dlt_value *v)
{
	session *s = context;
	hub_record r = { .type = HUB_RECORD_READING };
	r.reading = (hub_reading){ .meter = s->frame->meter,
				   .channel = v->channel,
				   .quantity = v->quantity,
				   .unit = v->unit,
				   .kind = v->kind,
				   .value = v->value,
				   .time = v->time };
	return session_emit(s, &r);
}

static hub_status on_refuse(void *context, const hub_fault *fault)
{
	session *s = context;
	return session_refuse(s, fault, s->frame->raw, s->frame->raw_len);
}

static hub_status on_keep(void *context, const char *kind, uint32_t number, const uint8_t *bytes, size_t len)
{
	enum { SHOWN = 512 };
	session *s = context;
	char id[12], text[2 * SHOWN + 1] = "";
	snprintf(id, sizeof id, "%0*X", number > 0xffff ? 8 : 4, (unsigned)number);
	/* As written on paper: the high byte, which comes last, first. */
	for (size_t i = 0; i < len && i < SHOWN; i++)
		snprintf(text + 2 * i, 3, "%02X", bytes[len - 1 - i]);
	hub_setting details[] = { { "identifier", id }, { "value", text } };
	hub_record r = { .type = HUB_RECORD_ARCHIVE };
	r.archive = (hub_archive){ s->frame->meter, "", kind, 0, details, 2 };
	return session_emit(s, &r);
}

typedef enum role { REQUEST, REPLY, REPLY_MORE, FOLLOW, FOLLOW_MORE, OTHER, ACK, ERROR } role;

/* Control codes: 1997 table 2, 2007 table 3 and its amendments. L is at least min_len. */
typedef struct control_row {
	uint8_t code, min_len, width; /* width of its data identifier */
	role role;
} control_row;

static const control_row controls[] = {
	{ 0x01, 2, 2, REQUEST }, { 0x81, 2, 2, REPLY },  { 0xa1, 2, 2, REPLY_MORE },  { 0xc1, 1, 2, ERROR },
	{ 0x02, 2, 2, REQUEST }, { 0x82, 2, 2, FOLLOW }, { 0xa2, 2, 2, FOLLOW_MORE }, { 0xc2, 1, 2, ERROR },
	{ 0x03, 0, 2, OTHER },   { 0x83, 2, 2, REPLY },  { 0xa3, 2, 2, REPLY_MORE },  { 0xc3, 1, 2, ERROR },
	{ 0x04, 2, 2, OTHER },   { 0x84, 0, 2, OTHER },  { 0xc4, 1, 2, ERROR },       { 0x08, 6, 0, OTHER },
	{ 0x88, 0, 0, OTHER },   { 0x0a, 6, 2, OTHER },  { 0x8a, 0, 2, OTHER },       { 0x0c, 1, 2, OTHER },
	{ 0x8c, 1, 2, OTHER },   { 0xcc, 1, 2, ERROR },  { 0x0f, 8, 2, OTHER },       { 0x8f, 0, 2, OTHER },
	{ 0xcf, 1, 2, ERROR },   { 0x10, 0, 2, OTHER },  { 0x90, 0, 2, OTHER },       { 0xd0, 1, 2, ERROR },
	{ 0x11, 4, 4, REQUEST }, { 0x91, 4, 4, REPLY },  { 0xb1, 4, 4, REPLY_MORE },  { 0xd1, 1, 4, ERROR },
	{ 0x12, 5, 4, REQUEST }, { 0x92, 5, 4, FOLLOW }, { 0xb2, 5, 4, FOLLOW_MORE }, { 0xd2, 1, 4, ERROR },
	{ 0x13, 0, 4, OTHER },   { 0x93, 6, 4, OTHER },  { 0xd3, 1, 4, ERROR },       { 0x14, 4, 4, OTHER },
	{ 0x94, 0, 4, ACK },   { 0xd4, 1, 4, ERROR },  { 0x15, 6, 4, OTHER },       { 0x95, 0, 4, OTHER },
	{ 0xd5, 1, 4, ERROR },   { 0x16, 4, 4, OTHER },  { 0x96, 0, 4, OTHER },       { 0xd6, 1, 4, ERROR },
	{ 0x17, 1, 4, OTHER },   { 0x97, 1, 4, OTHER },  { 0xd7, 1, 4, ERROR },       { 0x18, 8, 4, OTHER },
	{ 0x98, 0, 4, OTHER },   { 0xd8, 1, 4, ERROR },  { 0x19, 8, 4, OTHER },       { 0x99, 0, 4, OTHER },
	{ 0xd9, 1, 4, ERROR },   { 0x1a, 8, 4, OTHER },  { 0x9a, 0, 4, OTHER },       { 0xda, 1, 4, ERROR },
	{ 0x1b, 8, 4, OTHER },   { 0x9b, 0, 4, OTHER },  { 0xdb, 1, 4, ERROR },       { 0x1c, 8, 4, OTHER },
	{ 0x9c, 0, 4, ACK },   { 0xdc, 1, 4, ERROR },  { 0x1d, 1, 4, OTHER },       { 0x9d, 0, 4, OTHER },
	{ 0xdd, 1, 4, ERROR },
};

static hub_status error_reply(session *s, const dlt_frame *f, unsigned width)
{
	static const char *const bits_2007[] = { "other", "no_data", "password", "baud", "time_zones", "day_slots",
						 "tariffs", "bit7" };
	static const char *const bits_1997[] = { "bad_data", "bad_identifier", "password", "bit3", "time_zones",
						 "day_slots", "tariffs", "bit7" };
	const char *const *names = width == 4 ? bits_2007 : bits_1997;
	char reason[128] = "", code[3];
	size_t n = 0;
	for (unsigned b = 0; b < 8; b++)
		if (f->data[0] >> b & 1)
			n += (size_t)snprintf(reason + n, sizeof reason - n, "%s%s", n ? "," : "", names[b]);
	snprintf(code, sizeof code, "%02X", f->control);
	hub_setting details[] = { { "control", code }, { "reason", reason } };
	hub_record r = { .type = HUB_RECORD_EVENT };
	r.event = (hub_event){ .meter = f->meter, .channel = "", .code = "request_refused", .details = details,
			       .detail_count = 2 };
	hub_status st = session_emit(s, &r);
	const job *j = master_job(s, f);
	return st == HUB_OK && j ? job_refused(s, j, reason) : st;
}

static hub_status items(session *s, identifier what, const uint8_t *bytes, size_t len)
{
	dlt_sink sink = { s, on_value, on_refuse, on_keep, s->in->utc_offset };
	hub_status st = (what.width == 4 ? dlt_item_2007 : dlt_item_1997)(&sink, what.number, bytes, len);
	const job *j = master_job(s, s->frame);
	if (st == HUB_OK && j && j->what.number == what.number)
		st = job_data(s, j, bytes, len);
	return st;
}

static hub_status follow(session *s, const dlt_frame *f, identifier what, bool last)
{
	hub_fault fault;
	hub_status st = HUB_OK;
	if (!s->whole)
		st = join_next(s, f, what, f->data + what.width, f->len - what.width, last, &s->whole, &fault);
	if (st == HUB_REJECT)
		return on_refuse(s, &fault);
	if (st != HUB_OK || !last)
		return st;
	st = items(s, what, s->whole->bytes, s->whole->len);
	if (st != HUB_OK)
		return st;
	join_drop(s, s->whole);
	s->whole = NULL;
	return HUB_OK;
}

static const control_row *control_find(uint8_t code)
{
	for (size_t i = 0; i < sizeof controls / sizeof *controls; i++)
		if (controls[i].code == code)
			return &controls[i];
	return NULL;
}

static hub_status frame_refuse(session *s, const dlt_frame *f, const control_row *row)
{
	hub_fault fault;
	if (!row)
		hub_fault_set(&fault, "dlt645.control", "C",
			      "control codes come from table 3 of DL/T 645: %02XH is none; check what speaks on this line",
			      f->control);
	else
		hub_fault_set(&fault, "dlt645.length", "L", "%02XH has at least %u bytes of data: L is %u; report the meter",
			      f->control, row->min_len, f->len);
	return on_refuse(s, &fault);
}

/* The frame's records. *ret_answer: what it means to the master. */
static hub_status frame_take(session *s, const dlt_frame *f, answer *ret_answer)
{
	const control_row *row = control_find(f->control);
	*ret_answer = ANSWER_NONE;
	if (!row || f->len < row->min_len)
		return frame_refuse(s, f, row);
	identifier what = { 0, row->width };
	for (unsigned i = 0; i < row->width && i < f->len; i++)
		what.number |= (uint32_t)f->data[i] << (8 * i);
	/* 83H is also the amendment's security answer, whose identifiers begin with 07. */
	if (row->role == OTHER || row->role == REQUEST || (row->code == 0x83 && f->len >= 4 && f->data[3] == 7))
		return HUB_OK;
	if (row->role == ERROR) {
		*ret_answer = ANSWER_ERROR;
		return error_reply(s, f, row->width);
	}
	if (row->role == ACK) {
		const job *j = master_job(s, f);
		*ret_answer = j && j->step == STEP_WRITE ? ANSWER_ACK : ANSWER_NONE;
		return *ret_answer == ANSWER_ACK ? job_ack(s, j) : HUB_OK;
	}
	bool more = row->role == REPLY_MORE || row->role == FOLLOW_MORE;
	*ret_answer = what.number != s->master.asked.number ? ANSWER_NONE : more ? ANSWER_MORE : ANSWER_DONE;
	if (row->role == REPLY)
		return items(s, what, f->data + what.width, f->len - what.width);
	if (row->role == REPLY_MORE)
		return join_first(s, f, what, f->data + what.width, f->len - what.width);
	return follow(s, f, what, !more);
}

/* A run that began no frame is noise, unless it has a frame's edges or was all there is. */
static hub_status noise_end(session *s, bool only)
{
	int64_t count;
	hub_fault fault;
	hub_status st = HUB_OK;
	if (!s->noise_len)
		return HUB_OK;
	bool meant = s->noise[0] == 0x68 && s->noise_last == 0x16 && s->noise_len >= 12;
	if (meant || only) {
		hub_fault_set(&fault, "dlt645.start", "start",
			      "a frame begins with 68H, six bytes of address and 68H: %zu bytes had no such start; "
			      "check baud rate and parity",
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
		s->noise_last = bytes[i] == 0xfe ? s->noise_last : bytes[i];
	}
}

static hub_status document_end(session *s)
{
	hub_fault fault;
	hub_status st = noise_end(s, !s->framed);
	if (st == HUB_OK && s->seen && !s->framed) {
		hub_fault_set(&fault, "dlt645.truncated", "frame",
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
static hub_status step(session *s, dlt_scan found, const dlt_frame *f, const hub_fault *fault, const uint8_t *bytes,
		       size_t len)
{
	answer a = ANSWER_NONE;
	hub_status st = noise_end(s, false);
	if (st != HUB_OK)
		return st;
	s->index = 0;
	s->frame = found == DLT_FRAME ? f : NULL;
	st = found == DLT_FRAME ? frame_take(s, f, &a) : session_refuse(s, fault, bytes, len);
	s->frame = NULL;
	if (st != HUB_OK)
		return st;
	s->taken = 0;
	s->framed = true;
	if (found == DLT_FRAME)
		master_answered(s, f, a);
	return HUB_OK;
}

static hub_status dlt_input(void *self, const uint8_t *bytes, size_t len, bool end, size_t *ret_used)
{
	session *s = self;
	size_t at = 0;
	hub_status st = HUB_OK;
	while (at < len && st == HUB_OK) {
		dlt_frame f;
		hub_fault fault;
		size_t used;
		dlt_scan found = dlt_frame_scan(bytes + at, len - at, end, &f, &used, &fault);
		if (found == DLT_MORE)
			break;
		s->seen = true;
		if (found == DLT_NOISE || (found == DLT_PREAMBLE && s->noise_len))
			noise_add(s, bytes + at, used);
		else if (found != DLT_PREAMBLE)
			st = step(s, found, &f, &fault, bytes + at, used);
		at += st == HUB_OK ? used : 0;
	}
	if (st == HUB_OK && end)
		st = document_end(s);
	*ret_used = at;
	return st;
}

static const hub_option options[] = {
	{ "meters", "", "addresses to poll, as printed, separated by commas; empty: those the registry gives" },
	{ "identifiers", "00010000,9010", "what to poll: data identifiers of 8 (2007) or 4 (1997) hex digits" },
	{ "interval", "900", "seconds from one round of polls to the next, 0 to 86400; 0: listen only" },
	{ "timeout", "2000", "milliseconds to wait for an answer, 100 to 60000" },
	{ "retries", "2", "how often a question is repeated, 0 to 9" },
	{ "preamble", "4", "FEH bytes before a question, 0 to 16" },
	{ "utc_offset", "+08:00", "of the meters' own clocks, as +hh:mm" },
	{ "password", "02000000", "of commands: level and six digits, as 8 hex digits; a row of table meter_keys goes before" },
	{ "operator", "00000000", "operator's code of commands, 8 hex digits" },
	{ NULL, NULL, NULL },
};

static void dlt_close(void *self)
{
	instance *in = self;
	if (in)
		free(in->meters);
	free(in);
}

static hub_status dlt_open(const hub_host_api *api, hub_host *host, const hub_setting *settings, void **ret_self,
			   hub_fault *fault)
{
	instance *in = fail_calloc(1, sizeof *in);
	if (!in)
		return HUB_NOMEM;
	in->api = api;
	in->host = host;
	hub_status st = options_read(in, settings, fault);
	if (st != HUB_OK) {
		dlt_close(in);
		return st;
	}
	*ret_self = in;
	return HUB_OK;
}

static hub_status dlt_session_open(void *self, const hub_peer *peer, hub_link *link, void **ret_session)
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

static hub_status dlt_timer(void *self, hub_time now)
{
	return master_timer(self, now);
}

static hub_status dlt_command(void *self, const hub_command *command)
{
	return master_command(self, command);
}

static void dlt_session_close(void *self)
{
	session *s = self;
	while (s && s->join_count)
		join_drop(s, &s->joins[0]);
	free(s);
}

const hub_adapter hub_adapter_table = {
	.abi = HUB_ADAPTER_ABI,
	.name = "dlt645",
	.version = "1",
	.summary = "DL/T 645-2007 and -1997 electricity meters: decoder and polling master",
	.options = options,
	.transports = HUB_TCP_CLIENT | HUB_TCP_SERVER | HUB_SERIAL | HUB_DIRECTORY | HUB_MESSAGE,
	.frame_max = 4096,
	.open = dlt_open,
	.close = dlt_close,
	.session_open = dlt_session_open,
	.input = dlt_input,
	.timer = dlt_timer,
	.command = dlt_command,
	.session_close = dlt_session_close,
};
