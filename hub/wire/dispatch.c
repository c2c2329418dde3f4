#include "wire/dispatch.h"

#include "wire/pack.h"

void wire_dispatch_pack(buf *out, const wire_dispatch *d)
{
	buf_str(out, d->lane);
	buf_varint(out, d->lease);
	buf_zigzag(out, d->not_after);
	wire_outgoing_pack(out, d->list, d->count);
}

hub_status wire_dispatch_unpack(const uint8_t *bytes, size_t len, arena *a, wire_dispatch *ret, hub_fault *fault)
{
	hub_reader in = hub_reader_of(bytes, len);
	unpacker u = { .in = &in, .a = a };
	wire_dispatch d = { 0 };
	wire_outgoing *list;
	d.lane = unpack_str(&u);
	d.lease = hub_reader_varint(&in);
	d.not_after = hub_reader_zigzag(&in);
	size_t left = hub_reader_left(&in);
	if (in.bad || u.nomem)
		return unpack_done(&u, "dispatch", fault);
	hub_status st = wire_outgoing_unpack(bytes + len - left, left, a, &list, &d.count, fault);
	d.list = list;
	if (st == HUB_OK)
		*ret = d;
	return st;
}

void wire_said_pack(buf *out, const wire_said *list, size_t count)
{
	buf_varint(out, count);
	for (size_t i = 0; i < count; i++) {
		buf_str(out, list[i].party);
		buf_blob(out, list[i].payload, list[i].payload_len);
	}
}

hub_status wire_said_unpack(const uint8_t *bytes, size_t len, arena *a, wire_said **ret, size_t *ret_count,
			    hub_fault *fault)
{
	hub_reader in = hub_reader_of(bytes, len);
	unpacker u = { .in = &in, .a = a };
	uint64_t count = hub_reader_varint(&in);
	wire_said *list = count <= SAID_MAX ? arena_array(a, count, sizeof *list) : NULL;
	in.bad |= count > SAID_MAX;
	u.nomem |= !list && !in.bad;
	for (size_t i = 0; list && i < count && !in.bad && !u.nomem; i++) {
		list[i].party = unpack_str(&u);
		list[i].payload = unpack_blob(&u, SAID_PAYLOAD_MAX, &list[i].payload_len);
	}
	hub_status st = unpack_done(&u, "said", fault);
	if (st == HUB_OK) {
		*ret = list;
		*ret_count = (size_t)count;
	}
	return st;
}
