#include "model/record.h"

#include "base/utf8.h"

#include <string.h>

enum { RECORD_VERSION = 1, CLEAN_SIZE = 256, DETAILS_MAX = 256 };

static void pack_clean(buf *out, const char *text)
{
	char clean[CLEAN_SIZE];
	buf_str(out, utf8_clean(text ? text : "", clean, sizeof clean));
}

static void pack_details(buf *out, hub_time time, const bool *cleared, const hub_setting *details, size_t count)
{
	buf_zigzag(out, time);
	if (cleared)
		buf_u8(out, *cleared);
	buf_varint(out, count);
	for (size_t i = 0; i < count; i++) {
		buf_str(out, details[i].key);
		buf_str(out, details[i].value);
	}
}

static void pack_reading(buf *out, const hub_reading *r)
{
	buf_str(out, r->meter);
	buf_str(out, r->channel);
	buf_str(out, r->quantity);
	buf_str(out, r->unit);
	buf_u8(out, (uint8_t)r->kind);
	buf_varint(out, r->flags);
	buf_zigzag(out, r->value.digits);
	buf_u8(out, r->value.scale);
	buf_zigzag(out, r->start);
	buf_zigzag(out, r->time);
}

static void pack_texts(buf *out, const char *const *texts, size_t count)
{
	for (size_t i = 0; i < count; i++)
		buf_str(out, texts[i]);
}

static void pack_body(buf *out, const record *r)
{
	const hub_record *b = &r->body;
	switch (b->type) {
	case HUB_RECORD_READING:
		pack_reading(out, &b->reading);
		break;
	case HUB_RECORD_EVENT:
		pack_texts(out, (const char *[]) { b->event.meter, b->event.channel, b->event.code }, 3);
		pack_details(out, b->event.time, &b->event.cleared, b->event.details, b->event.detail_count);
		break;
	case HUB_RECORD_TRANSACTION: {
		const hub_transaction *t = &b->transaction;
		pack_texts(out, (const char *[]) { t->meter, t->channel, t->id, t->phase, t->tag }, 5);
		pack_details(out, t->time, NULL, t->details, t->detail_count);
		break;
	}
	case HUB_RECORD_RESULT:
		pack_texts(out, (const char *[]) { b->result.command, b->result.state, b->result.reason }, 3);
		pack_details(out, b->result.time, NULL, b->result.details, b->result.detail_count);
		break;
	case HUB_RECORD_ARCHIVE:
		pack_texts(out, (const char *[]) { b->archive.meter, b->archive.channel, b->archive.kind }, 3);
		pack_details(out, b->archive.time, NULL, b->archive.details, b->archive.detail_count);
		break;
	case HUB_RECORD_FAULT:
		pack_clean(out, r->fault.code);
		pack_clean(out, r->fault.field);
		pack_clean(out, r->fault.message);
		break;
	}
}

static void pack_with_raw(buf *out, const record *r, size_t raw_len)
{
	buf_u8(out, RECORD_VERSION);
	buf_u8(out, (uint8_t)r->body.type);
	buf_zigzag(out, r->received);
	pack_clean(out, r->peer);
	buf_blob(out, r->body.raw, raw_len);
	buf_u8(out, r->raw_cut || raw_len < r->body.raw_len);
	pack_body(out, r);
}

void record_pack(buf *out, const record *r)
{
	size_t start = out->len, raw_len = r->body.raw ? r->body.raw_len : 0;
	if (raw_len > RECORD_MAX)
		raw_len = RECORD_MAX;
	pack_with_raw(out, r, raw_len);
	size_t len = out->len - start;
	if (len <= RECORD_MAX || out->bad)
		return;
	out->len = start;
	pack_with_raw(out, r, raw_len > len - RECORD_MAX ? raw_len - (len - RECORD_MAX) : 0);
}

/* A reader, and what its texts are copied to. `nomem` is sticky as the reader's `bad` is. */
typedef struct unpacker {
	hub_reader in;
	arena *a;
	bool nomem;
} unpacker;

static const void *unpack_blob(unpacker *u, size_t *ret_len)
{
	uint64_t len = hub_reader_varint(&u->in);
	const uint8_t *p = len <= hub_reader_left(&u->in) ? hub_reader_bytes(&u->in, (size_t)len) : NULL;
	*ret_len = 0;
	if (!p) {
		u->in.bad = true;
		return NULL;
	}
	void *copy = u->nomem ? NULL : arena_strndup(u->a, (const char *)p, (size_t)len);
	u->nomem = u->nomem || !copy;
	*ret_len = (size_t)len;
	return copy;
}

static const char *unpack_str(unpacker *u)
{
	size_t len;
	const char *text = unpack_blob(u, &len);
	if (!text)
		return "";
	if (memchr(text, 0, len) || !utf8_valid(text, len))
		u->in.bad = true;
	return text;
}

static const hub_setting *unpack_details(unpacker *u, size_t *ret_count)
{
	uint64_t count = hub_reader_varint(&u->in);
	*ret_count = 0;
	if (count > DETAILS_MAX || count > hub_reader_left(&u->in) / 2)
		u->in.bad = true;
	if (u->in.bad || u->nomem || !count)
		return NULL;
	hub_setting *details = arena_array(u->a, (size_t)count, sizeof *details);
	u->nomem = !details;
	for (size_t i = 0; details && i < count; i++) {
		details[i].key = unpack_str(u);
		details[i].value = unpack_str(u);
	}
	*ret_count = details ? (size_t)count : 0;
	return details;
}

static bool unpack_bool(unpacker *u)
{
	uint8_t v = hub_reader_u8(&u->in);
	if (v > 1)
		u->in.bad = true;
	return v;
}

static void unpack_reading(unpacker *u, hub_reading *r)
{
	r->meter = unpack_str(u);
	r->channel = unpack_str(u);
	r->quantity = unpack_str(u);
	r->unit = unpack_str(u);
	r->kind = (hub_kind)hub_reader_u8(&u->in);
	uint64_t flags = hub_reader_varint(&u->in);
	r->flags = (uint32_t)flags;
	if (flags > UINT32_MAX)
		u->in.bad = true;
	r->value.digits = hub_reader_zigzag(&u->in);
	r->value.scale = hub_reader_u8(&u->in);
	r->start = hub_reader_zigzag(&u->in);
	r->time = hub_reader_zigzag(&u->in);
}

static void unpack_transaction(unpacker *u, hub_transaction *t)
{
	t->meter = unpack_str(u);
	t->channel = unpack_str(u);
	t->id = unpack_str(u);
	t->phase = unpack_str(u);
	t->tag = unpack_str(u);
	t->time = hub_reader_zigzag(&u->in);
	t->details = unpack_details(u, &t->detail_count);
}

static void unpack_fault(unpacker *u, hub_fault *fault)
{
	fault->code = unpack_str(u);
	fault->field = unpack_str(u);
	const char *message = unpack_str(u);
	size_t len = strlen(message);
	if (!*fault->code || len >= sizeof fault->message)
		u->in.bad = true;
	else
		memcpy(fault->message, message, len + 1);
}

static void unpack_body(unpacker *u, record *r)
{
	hub_record *b = &r->body;
	switch (b->type) {
	case HUB_RECORD_READING:
		unpack_reading(u, &b->reading);
		break;
	case HUB_RECORD_EVENT:
		b->event.meter = unpack_str(u);
		b->event.channel = unpack_str(u);
		b->event.code = unpack_str(u);
		b->event.time = hub_reader_zigzag(&u->in);
		b->event.cleared = unpack_bool(u);
		b->event.details = unpack_details(u, &b->event.detail_count);
		break;
	case HUB_RECORD_TRANSACTION:
		unpack_transaction(u, &b->transaction);
		break;
	case HUB_RECORD_RESULT:
		b->result.command = unpack_str(u);
		b->result.state = unpack_str(u);
		b->result.reason = unpack_str(u);
		b->result.time = hub_reader_zigzag(&u->in);
		b->result.details = unpack_details(u, &b->result.detail_count);
		break;
	case HUB_RECORD_ARCHIVE:
		b->archive.meter = unpack_str(u);
		b->archive.channel = unpack_str(u);
		b->archive.kind = unpack_str(u);
		b->archive.time = hub_reader_zigzag(&u->in);
		b->archive.details = unpack_details(u, &b->archive.detail_count);
		break;
	case HUB_RECORD_FAULT:
		unpack_fault(u, &r->fault);
		break;
	default:
		u->in.bad = true;
	}
}

hub_status record_unpack(const uint8_t *bytes, size_t len, arena *a, record *ret)
{
	record r = { 0 };
	unpacker u = { hub_reader_of(bytes, len), a, false };
	if (len > RECORD_MAX || hub_reader_u8(&u.in) != RECORD_VERSION)
		return HUB_REJECT;
	r.body.type = (hub_record_type)hub_reader_u8(&u.in);
	r.received = hub_reader_zigzag(&u.in);
	r.peer = unpack_str(&u);
	r.body.raw = unpack_blob(&u, &r.body.raw_len);
	if (!r.body.raw_len)
		r.body.raw = NULL;
	r.raw_cut = unpack_bool(&u);
	unpack_body(&u, &r);
	if (u.nomem)
		return HUB_NOMEM;
	if (u.in.bad || hub_reader_left(&u.in))
		return HUB_REJECT;
	hub_status st = record_check(&r.body, NULL);
	if (st == HUB_OK)
		*ret = r;
	return st;
}
