#include "connect.h"

#include <hub/reader.h>
#include <string.h>

enum { WILL = 0x04, WILL_RETAIN = 0x20, BRIDGE = 0x80, VERSION_5 = 5 };

static const uint8_t *text(hub_reader *r, size_t *ret_len)
{
	*ret_len = hub_reader_u16be(r);
	return hub_reader_bytes(r, *ret_len);
}

static void properties(hub_reader *r, uint8_t version)
{
	if (version == VERSION_5)
		hub_reader_bytes(r, hub_reader_varint(r));
}

static bool is(const uint8_t *p, size_t len, const char *word)
{
	return p && len == strlen(word) && !memcmp(p, word, len);
}

/* What is no topic of ours at all becomes a wildcard, which nobody may publish to. */
static void topic_copy(const uint8_t *p, size_t len, connect_will *ret)
{
	bool good = len <= TOPIC_MAX && !memchr(p, 0, len);
	memcpy(ret->topic, good ? (const char *)p : "#", good ? len : 1);
	ret->topic[good ? len : 1] = 0;
}

bool connect_read(const uint8_t *bytes, size_t len, const char *client, connect_will *ret)
{
	hub_reader r = hub_reader_of(bytes, len);
	size_t n;
	const uint8_t *name = text(&r, &n);
	if (!is(name, n, "MQTT") && !is(name, n, "MQIsdp"))
		return false;
	uint8_t version = (uint8_t)(hub_reader_u8(&r) & ~BRIDGE), flags = hub_reader_u8(&r);
	hub_reader_u16be(&r); /* keep alive */
	properties(&r, version);
	const uint8_t *id = text(&r, &n);
	if (r.bad || (n && !is(id, n, client)))
		return false;
	*ret = (connect_will) { .set = flags & WILL, .retain = flags & WILL_RETAIN };
	if (!ret->set)
		return true;
	properties(&r, version);
	const uint8_t *at = text(&r, &n);
	if (at)
		topic_copy(at, n, ret);
	return at;
}
