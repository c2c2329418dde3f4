#include "wire/outgoing.h"

#include "wire/fields.h"

static void *unpack_list(unpacker *u, size_t size, size_t *ret_count)
{
	uint64_t n = hub_reader_varint(u->in);
	void *list = n <= OUTGOING_MAX ? arena_array(u->a, n, size) : NULL;
	u->in->bad |= n > OUTGOING_MAX;
	u->nomem |= !list && n <= OUTGOING_MAX;
	*ret_count = list ? (size_t)n : 0;
	return list;
}

void wire_outgoing_pack(buf *out, const wire_outgoing *list, size_t count)
{
	buf_varint(out, count);
	for (size_t i = 0; i < count; i++) {
		buf_str(out, list[i].method);
		buf_str(out, list[i].url);
		pack_fields(out, list[i].headers, list[i].header_count);
		buf_blob(out, list[i].body, list[i].body_len);
		buf_zigzag(out, list[i].timeout);
	}
}

hub_status wire_outgoing_unpack(const uint8_t *bytes, size_t len, arena *a, wire_outgoing **ret, size_t *ret_count,
				hub_fault *fault)
{
	hub_reader in = hub_reader_of(bytes, len);
	unpacker u = { .in = &in, .a = a };
	size_t count;
	wire_outgoing *list = unpack_list(&u, sizeof *list, &count);
	for (size_t i = 0; i < count && !in.bad && !u.nomem; i++) {
		list[i].method = unpack_str(&u);
		list[i].url = unpack_str(&u);
		list[i].headers = unpack_fields(&u, &list[i].header_count);
		list[i].body = unpack_blob(&u, PACK_BODY_MAX, &list[i].body_len);
		list[i].timeout = hub_reader_zigzag(&in);
	}
	hub_status st = unpack_done(&u, "outgoing", fault);
	if (st == HUB_OK) {
		*ret = list;
		*ret_count = count;
	}
	return st;
}

void wire_outcome_pack(buf *out, const wire_outcome *list, size_t count)
{
	buf_varint(out, count);
	for (size_t i = 0; i < count; i++) {
		buf_zigzag(out, list[i].status);
		buf_str(out, list[i].code);
		buf_str(out, list[i].message);
		buf_blob(out, list[i].body, list[i].body_len);
		buf_zigzag(out, list[i].took);
		buf_zigzag(out, list[i].retry_after);
	}
}

hub_status wire_outcome_unpack(const uint8_t *bytes, size_t len, arena *a, wire_outcome **ret, size_t *ret_count,
			       hub_fault *fault)
{
	hub_reader in = hub_reader_of(bytes, len);
	unpacker u = { .in = &in, .a = a };
	size_t count;
	wire_outcome *list = unpack_list(&u, sizeof *list, &count);
	for (size_t i = 0; i < count && !in.bad && !u.nomem; i++) {
		list[i].status = (int)hub_reader_zigzag(&in);
		list[i].code = unpack_str(&u);
		list[i].message = unpack_str(&u);
		list[i].body = unpack_blob(&u, OUTGOING_ANSWER_MAX, &list[i].body_len);
		list[i].took = hub_reader_zigzag(&in);
		list[i].retry_after = hub_reader_zigzag(&in);
	}
	hub_status st = unpack_done(&u, "outcome", fault);
	if (st == HUB_OK) {
		*ret = list;
		*ret_count = count;
	}
	return st;
}
