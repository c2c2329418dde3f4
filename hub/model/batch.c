#include "model/batch.h"

#include <openssl/evp.h>
#include <string.h>

/* The head is the wires' (0003): version, kind of wire, source, epoch, sequence, trace. */
enum { WIRE_HEAD_VERSION = 1, WIRE_HEAD_INTAKE = 0, SOURCE_MAX = 64 };

static void head_pack(buf *out, const batch_id *id, const trace_id *trace)
{
	buf_u8(out, WIRE_HEAD_VERSION);
	buf_u8(out, WIRE_HEAD_INTAKE);
	buf_str(out, id->source);
	buf_le(out, id->epoch, 8);
	buf_le(out, id->first, 8);
	buf_put(out, trace->bytes, sizeof trace->bytes);
}

void batch_head_pack(buf *out, const batch_id *id, const trace_id *trace, size_t count)
{
	head_pack(out, id, trace);
	buf_varint(out, count);
}

void batch_record_pack(buf *out, const uint8_t *packed, size_t len)
{
	buf_blob(out, packed, len);
}

static bool source_valid(const uint8_t *p, size_t len)
{
	for (size_t i = 0; i < len; i++)
		if (!((p[i] >= 'a' && p[i] <= 'z') || (p[i] >= '0' && p[i] <= '9') || p[i] == '_' || p[i] == '-'))
			return false;
	return len >= 1 && len <= SOURCE_MAX;
}

/* Borrowed bytes of a blob; NULL and `bad` if it is not whole. */
static const uint8_t *blob(hub_reader *in, size_t *ret_len)
{
	uint64_t len = hub_reader_varint(in);
	const uint8_t *p = len <= hub_reader_left(in) ? hub_reader_bytes(in, (size_t)len) : NULL;
	if (!p)
		in->bad = true;
	*ret_len = p ? (size_t)len : 0;
	return p;
}

static hub_status head_unpack(hub_reader *in, arena *a, batch_id *ret, trace_id *ret_trace, hub_fault *fault)
{
	uint8_t version = hub_reader_u8(in), kind = hub_reader_u8(in);
	if (in->bad || version != WIRE_HEAD_VERSION || kind != WIRE_HEAD_INTAKE)
		return hub_fault_set(fault, "batch.head", "version",
				     "version %d of wire %d, version %d of the intake wire is required", version, kind,
				     WIRE_HEAD_VERSION);
	size_t len;
	const uint8_t *source = blob(in, &len);
	if (in->bad || !source_valid(source, len))
		return hub_fault_set(fault, "batch.source", "source", "a source is 1 to %d of a-z, 0-9, _ and -",
				     SOURCE_MAX);
	uint64_t epoch = hub_reader_u64le(in), first = hub_reader_u64le(in);
	const uint8_t *trace = hub_reader_bytes(in, sizeof ret_trace->bytes);
	if (!trace)
		return hub_fault_set(fault, "batch.truncated", "", "the message ends inside its head");
	ret->source = arena_strndup(a, (const char *)source, len);
	if (!ret->source)
		return HUB_NOMEM;
	ret->epoch = epoch;
	ret->first = first;
	memcpy(ret_trace->bytes, trace, sizeof ret_trace->bytes);
	return HUB_OK;
}

static hub_status malformed(const uint8_t *bytes, size_t len, arena *a, record *ret)
{
	uint8_t *raw = arena_memdup(a, bytes, len);
	if (!raw)
		return HUB_NOMEM;
	*ret = (record) { .body = { .type = HUB_RECORD_FAULT, .raw = raw, .raw_len = len }, .peer = "" };
	hub_fault_set(&ret->fault, "record.malformed", "",
		      "%zu bytes are not a packed record of version 1; look for a zone daemon of another version", len);
	return HUB_OK;
}

static hub_status records_unpack(hub_reader *in, arena *a, record *records, size_t count, hub_fault *fault)
{
	for (size_t i = 0; i < count; i++) {
		size_t len;
		const uint8_t *p = blob(in, &len);
		if (!p)
			return hub_fault_set(fault, "batch.truncated", "records", "ends inside record %zu of %zu",
					     i + 1, count);
		hub_status st = record_unpack(p, len, a, &records[i]);
		if (st == HUB_REJECT)
			st = malformed(p, len, a, &records[i]);
		if (st != HUB_OK)
			return st;
	}
	if (hub_reader_left(in))
		return hub_fault_set(fault, "batch.trailing", "records", "%zu bytes behind the last record",
				     hub_reader_left(in));
	return HUB_OK;
}

hub_status batch_unpack(const uint8_t *bytes, size_t len, arena *a, batch *ret, hub_fault *fault)
{
	batch b = { 0 };
	hub_reader in = hub_reader_of(bytes, len);
	if (len > BATCH_BYTES_MAX + RECORD_MAX)
		return hub_fault_set(fault, "batch.size", "", "%zu bytes, at most %d are allowed", len,
				     BATCH_BYTES_MAX + RECORD_MAX);
	hub_status st = head_unpack(&in, a, &b.id, &b.trace, fault);
	if (st != HUB_OK)
		return st;
	uint64_t count = hub_reader_varint(&in), last;
	if (in.bad || !count || count > BATCH_RECORDS_MAX || count > hub_reader_left(&in))
		return hub_fault_set(fault, "batch.count", "count", "a batch holds 1 to %d whole records",
				     BATCH_RECORDS_MAX);
	if (!b.id.first || __builtin_add_overflow(b.id.first, count - 1, &last))
		return hub_fault_set(fault, "batch.sequence", "sequence", "records are numbered from 1 and never wrap");
	b.count = (size_t)count;
	b.records = arena_array(a, b.count, sizeof *b.records);
	if (!b.records)
		return HUB_NOMEM;
	const uint8_t *body = in.p;
	st = records_unpack(&in, a, b.records, b.count, fault);
	if (st != HUB_OK)
		return st;
	if (!EVP_Digest(body, (size_t)(in.end - body), b.digest, NULL, EVP_sha256(), NULL))
		return HUB_NOMEM;
	*ret = b;
	return HUB_OK;
}

void batch_answer_pack(buf *out, const batch_answer *answer)
{
	head_pack(out, &answer->id, &(trace_id) { { 0 } });
	buf_u8(out, (uint8_t)answer->status);
	buf_varint(out, answer->receipt);
	buf_varint(out, answer->stored);
	buf_varint(out, answer->duplicates);
	buf_varint(out, answer->quarantined);
	buf_str(out, answer->message);
}

static uint32_t count32(hub_reader *in)
{
	uint64_t v = hub_reader_varint(in);
	if (v > UINT32_MAX)
		in->bad = true;
	return (uint32_t)v;
}

hub_status batch_answer_unpack(const uint8_t *bytes, size_t len, arena *a, batch_answer *ret)
{
	batch_answer answer = { 0 };
	trace_id trace;
	hub_reader in = hub_reader_of(bytes, len);
	hub_status st = head_unpack(&in, a, &answer.id, &trace, NULL);
	if (st != HUB_OK)
		return st;
	answer.status = (hub_status)hub_reader_u8(&in);
	answer.receipt = hub_reader_varint(&in);
	answer.stored = count32(&in);
	answer.duplicates = count32(&in);
	answer.quarantined = count32(&in);
	size_t text_len;
	const uint8_t *text = blob(&in, &text_len);
	if (in.bad || hub_reader_left(&in) || answer.status > HUB_FAILED || memchr(text, 0, text_len))
		return HUB_REJECT;
	answer.message = arena_strndup(a, (const char *)text, text_len);
	if (!answer.message)
		return HUB_NOMEM;
	*ret = answer;
	return HUB_OK;
}
