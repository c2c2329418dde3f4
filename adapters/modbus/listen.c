/*
 * Frames seen rather than asked: a line of `hubctl decode`, a capture. An answer names no registers, so the
 * question before it says which they are; a document is read when it is whole, as RTU and TCP are told
 * apart by their first bytes and RTU has no mark between frames.
 */
#include <stdio.h>
#include <string.h>

#include "modbus.h"

static uint16_t be16(const uint8_t *p)
{
	return (uint16_t)(p[0] << 8 | p[1]);
}

static bool is_read(uint8_t function)
{
	return function >= MB_READ_COILS && function <= MB_READ_REGISTERS;
}

/* The last question that this frame can answer; NULL: none. */
static const question *asked(const session *s, const mb_frame *f, uint8_t function)
{
	for (size_t i = 0; i < QUESTIONS_MAX; i++) {
		const question *q = &s->questions[(s->question_next + QUESTIONS_MAX - 1 - i) % QUESTIONS_MAX];
		if (q->used && q->tcp == f->tcp && q->unit == f->unit && q->function == function &&
		    (!f->tcp || q->transaction == f->transaction))
			return q;
	}
	return NULL;
}

static void note(session *s, const mb_frame *f)
{
	s->questions[s->question_next++ % QUESTIONS_MAX] =
	    (question) { true, f->tcp, f->transaction, f->unit, f->pdu[0], be16(f->pdu + 1), be16(f->pdu + 3) };
	s->question_next %= QUESTIONS_MAX;
}

/*
 * A read's question has five bytes. An answer of three bytes of coils has five too: it is one if the
 * question before it waits for 17 to 24 coils and is not this frame repeated.
 */
static bool is_question(const session *s, const mb_frame *f)
{
	if (f->pdu_len != 5)
		return false;
	const question *q = asked(s, f, f->pdu[0]);
	bool fits = f->pdu[0] <= MB_READ_INPUTS && f->pdu[1] == 3 && q && q->count > 16 && q->count <= 24;
	return !fits || (q->address == be16(f->pdu + 1) && q->count == be16(f->pdu + 3));
}

static hub_status exception(session *s, const mb_frame *f, const char *meter)
{
	char function[4];
	snprintf(function, sizeof function, "%u", f->pdu[0] & 0x7fu);
	hub_setting details[] = { { "function", function }, { "reason", mb_exception_name(f->pdu[1]) } };
	hub_record r = { .type = HUB_RECORD_EVENT };
	r.event = (hub_event) {
		.meter = meter, .channel = "", .code = "request_refused", .details = details, .detail_count = 2
	};
	return session_emit(s, &r);
}

static const mb_device *device_of(const instance *in, uint8_t address)
{
	for (size_t i = 0; i < in->device_count; i++)
		if (in->devices[i].unit == address)
			return &in->devices[i];
	return NULL;
}

static hub_status answer(session *s, const mb_frame *f, const char *meter, const mb_map *m)
{
	const instance *in = s->in;
	hub_fault fault;
	const question *q = asked(s, f, f->pdu[0]);
	question assumed = { true, f->tcp, 0, f->unit, f->pdu[0], in->assumed_address, 0 };
	if (!q && in->assumed_function == f->pdu[0] && f->pdu_len > 1) {
		assumed.count = (uint16_t)(f->pdu[0] <= MB_READ_INPUTS ? f->pdu[1] * 8 : f->pdu[1] / 2);
		q = &assumed;
	}
	if (!q) {
		hub_fault_set(
		    &fault, "modbus.no_question", "address",
		    "an answer names no registers: decode the question of unit %u before it in the same input, "
		    "or set the option assume",
		    f->unit);
		return session_refuse(s, &fault, s->raw, s->raw_len);
	}
	if (answer_check(f, q, &fault) != HUB_OK)
		return session_refuse(s, &fault, s->raw, s->raw_len);
	return session_rows(s, m, meter, 0, m->row_count, q, f->pdu + 2);
}

/* Whether the PDU has the form of its function; both directions of a write look alike. */
static bool is_formed(const mb_frame *f)
{
	uint8_t function = f->pdu[0];
	if (function & MB_EXCEPTION)
		return f->pdu_len == 2;
	if (is_read(function))
		return f->pdu_len == 5 || (f->pdu_len > 2 && f->pdu_len == 2u + f->pdu[1]);
	if (function == MB_WRITE_COIL || function == MB_WRITE_REGISTER)
		return f->pdu_len == 5;
	if (function == MB_WRITE_COILS || function == MB_WRITE_REGISTERS)
		return f->pdu_len == 5 || (f->pdu_len > 6 && f->pdu_len == 6u + f->pdu[5]);
	return false;
}

static hub_status frame_take(session *s, const mb_frame *f)
{
	const mb_device *d = device_of(s->in, f->unit);
	char number[4];
	hub_fault fault;
	snprintf(number, sizeof number, "%u", f->unit);
	const char *meter = d ? d->meter : number;
	if (!is_formed(f)) {
		hub_fault_set(
		    &fault, "modbus.function", "function",
		    "functions 1-6, 15 and 16 and their exceptions have fixed lengths: got function %u of %zu bytes",
		    f->pdu[0], f->pdu_len);
		return session_refuse(s, &fault, s->raw, s->raw_len);
	}
	if (f->pdu[0] & MB_EXCEPTION)
		return exception(s, f, meter);
	if (!is_read(f->pdu[0]))
		return HUB_OK;
	if (is_question(s, f)) {
		note(s, f);
		return HUB_OK;
	}
	return answer(s, f, meter, &s->in->maps[d ? d->map : 0]);
}

static mb_scan scan(const session *s, const uint8_t *bytes, size_t len, mb_frame *f, size_t *ret_used, hub_fault *fault)
{
	mb_scan found = MB_BROKEN;
	/* A CRC that is right is no accident; the head of a TCP frame may be one of RTU. */
	if (s->in->framing != FRAMING_TCP)
		found = mb_rtu_scan(bytes, len, false, f, ret_used, fault);
	if (s->in->framing == FRAMING_TCP ||
	    (s->in->framing == FRAMING_AUTO && found != MB_FRAME && mb_is_tcp(bytes, len)))
		found = mb_tcp_scan(bytes, len, f, ret_used, fault);
	if (found == MB_MORE) {
		hub_fault_set(
		    fault, "modbus.truncated", "frame",
		    "a frame is longer than the %zu bytes there are, or its CRC is wrong; send it again whole", len);
		*ret_used = len;
		found = MB_BROKEN;
	}
	return found;
}

hub_status listen_input(session *s, const uint8_t *bytes, size_t len, bool end, size_t *ret_used)
{
	hub_status st = HUB_OK;
	*ret_used = 0;
	if (!end)
		return HUB_OK;
	size_t at = 0;
	while (at < len && st == HUB_OK) {
		mb_frame f;
		hub_fault fault;
		size_t used;
		mb_scan found = scan(s, bytes + at, len - at, &f, &used, &fault);
		s->index = 0;
		s->raw = bytes + at;
		s->raw_len = used;
		st = found == MB_FRAME ? frame_take(s, &f) : session_refuse(s, &fault, bytes + at, used);
		if (st == HUB_OK) {
			s->taken = 0;
			at += used;
		}
	}
	s->raw = NULL;
	s->raw_len = 0;
	*ret_used = at;
	return st;
}
