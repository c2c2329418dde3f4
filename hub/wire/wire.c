#include "wire/wire.h"

#include "wire/pack.h"

#include <stdlib.h>
#include <string.h>

static const char *const kind_names[] = { "intake", "call", "order", "hint" };

void wire_head_pack(buf *out, const wire_head *head)
{
	buf_u8(out, WIRE_VERSION);
	buf_u8(out, (uint8_t)head->kind);
	buf_str(out, head->source);
	buf_le(out, head->epoch, 8);
	buf_le(out, head->sequence, 8);
	buf_put(out, head->trace.bytes, sizeof head->trace.bytes);
}

hub_status wire_head_unpack(hub_reader *in, arena *a, wire_head *ret, hub_fault *fault)
{
	unpacker u = { in, a, false };
	wire_head head = { .version = hub_reader_u8(in) };
	if (!in->bad && head.version != WIRE_VERSION)
		return hub_fault_set(fault, "wire.version", "version", "version %d expected, %d seen; "
				     "both ends must run the same release", WIRE_VERSION, head.version);
	head.kind = (wire_kind)hub_reader_u8(in);
	head.source = unpack_str(&u);
	head.epoch = hub_reader_u64le(in);
	head.sequence = hub_reader_u64le(in);
	const uint8_t *trace = hub_reader_bytes(in, sizeof head.trace.bytes);
	if (head.kind > WIRE_HINT)
		in->bad = true;
	if (in->bad)
		return hub_fault_set(fault, "wire.malformed", "head", "not a message's head: truncated, unknown kind "
				     "or source not UTF-8; both ends must run the same release");
	if (u.nomem)
		return HUB_NOMEM;
	memcpy(head.trace.bytes, trace, sizeof head.trace.bytes);
	*ret = head;
	return HUB_OK;
}

hub_status wire_url(const char *base, const char *name, wire_kind kind, buf *out)
{
	static const char tls[] = "tls+tcp://";
	if (strncmp(base, tls, sizeof tls - 1) != 0) {
		buf_printf(out, "%s/%s.%s", base, name, kind_names[kind]);
		return out->bad ? HUB_NOMEM : HUB_OK;
	}
	const char *colon = strrchr(base, ':');
	char *end;
	unsigned long port = strtoul(colon + 1, &end, 10);
	if (colon == base + strlen("tls+tcp") || end == colon + 1 || *end || !port || port + WIRE_HINT > 65535)
		return HUB_REJECT;
	buf_put(out, base, (size_t)(colon - base));
	buf_printf(out, ":%lu", port + (unsigned long)kind);
	return out->bad ? HUB_NOMEM : HUB_OK;
}
