#include "wire/message.h"

#include "wire/pack.h"

enum { VERSION = 1 };

void wire_message_pack(buf *out, const wire_message *m)
{
	buf_u8(out, VERSION);
	buf_str(out, m->topic);
	buf_str(out, m->identity);
	buf_str(out, m->client);
	buf_blob(out, m->payload, m->payload_len);
}

hub_status wire_message_unpack(const uint8_t *bytes, size_t len, arena *a, wire_message *ret, hub_fault *fault)
{
	hub_reader in = hub_reader_of(bytes, len);
	unpacker u = { .in = &in, .a = a };
	if (hub_reader_u8(&in) != VERSION)
		in.bad = true;
	wire_message m = { .topic = unpack_str(&u), .identity = unpack_str(&u), .client = unpack_str(&u) };
	m.payload = unpack_blob(&u, WIRE_PAYLOAD_MAX, &m.payload_len);
	hub_status st = unpack_done(&u, "message", fault);
	if (st == HUB_OK)
		*ret = m;
	return st;
}
