#include "wire/call.h"

#include "wire/fields.h"

enum { CERT_MAX = 16 * 1024 };

void wire_call_pack(buf *out, const wire_call *call)
{
	wire_head_pack(out, &call->head);
	buf_str(out, call->door);
	buf_str(out, call->method);
	buf_str(out, call->path);
	pack_fields(out, call->query, call->query_count);
	pack_fields(out, call->headers, call->header_count);
	buf_str(out, call->authorization);
	buf_blob(out, call->cert, call->cert_len);
	buf_str(out, call->address);
	buf_str(out, call->continuation);
	buf_blob(out, call->body, call->body_len);
}

hub_status wire_call_unpack(const uint8_t *msg, size_t len, arena *a, wire_call *ret, hub_fault *fault)
{
	hub_reader in = hub_reader_of(msg, len);
	unpacker u = { &in, a, false };
	wire_call call = { 0 };
	hub_status st = wire_head_unpack(&in, a, &call.head, fault);
	if (st != HUB_OK)
		return st;
	if (call.head.kind != WIRE_CALL)
		return hub_fault_set(fault, "wire.kind", "kind", "a call expected, kind %d seen; "
				     "the call wire takes nothing else", call.head.kind);
	call.door = unpack_str(&u);
	call.method = unpack_str(&u);
	call.path = unpack_str(&u);
	call.query = unpack_fields(&u, &call.query_count);
	call.headers = unpack_fields(&u, &call.header_count);
	call.authorization = unpack_str(&u);
	call.cert = unpack_blob(&u, CERT_MAX, &call.cert_len);
	call.address = unpack_str(&u);
	call.continuation = unpack_str(&u);
	call.body = unpack_blob(&u, PACK_BODY_MAX, &call.body_len);
	st = unpack_done(&u, "call", fault);
	if (st == HUB_OK)
		*ret = call;
	return st;
}

void wire_reply_pack(buf *out, const wire_reply *reply)
{
	buf_le(out, (uint64_t)reply->status, 2);
	buf_str(out, reply->content_type);
	pack_fields(out, reply->headers, reply->header_count);
	buf_str(out, reply->continuation);
	buf_blob(out, reply->body, reply->body_len);
}

hub_status wire_reply_unpack(const uint8_t *msg, size_t len, arena *a, wire_reply *ret, hub_fault *fault)
{
	hub_reader in = hub_reader_of(msg, len);
	unpacker u = { &in, a, false };
	wire_reply reply = { .status = hub_reader_u16le(&in) };
	reply.content_type = unpack_str(&u);
	reply.headers = unpack_fields(&u, &reply.header_count);
	reply.continuation = unpack_str(&u);
	reply.body = unpack_blob(&u, PACK_BODY_MAX, &reply.body_len);
	if (reply.status < 100 || reply.status > 599)
		in.bad = true;
	hub_status st = unpack_done(&u, "reply", fault);
	if (st == HUB_OK)
		*ret = reply;
	return st;
}
