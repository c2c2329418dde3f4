/*
 * Any bytes through an adapter, cut by what they hold, with a host that has no room now and then.
 * Vectors in hex serve as corpus: a text of hex digits is taken for the bytes it means.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "host/decode.h"

static hub_setting options[32];
static size_t option_count;

static void options_load(void)
{
	static char text[4096];
	static bool done;
	FILE *f = done ? NULL : fopen(ADAPTER_VECTORS "/default.options", "rb");
	done = true;
	if (!f)
		return;
	text[fread(text, 1, sizeof text - 1, f)] = '\0';
	fclose(f);
	char *rest = text, *one;
	while ((one = strsep(&rest, "\n"))) {
		char *equals = strchr(one, '=');
		if (!equals || *one == '#')
			continue;
		*equals = '\0';
		options[option_count++] = (hub_setting){ one, equals + 1 };
	}
}

static hub_status on_record(void *context, hub_link *link, const record *r)
{
	(void)link;
	(void)r;
	unsigned *calls = context;
	return ++*calls % 3 ? HUB_OK : HUB_AGAIN;
}

static const host_calls calls = { .on_record = on_record };

static void feed(hub_link *link, const uint8_t *bytes, size_t len, bool end)
{
	uint8_t *exact = malloc(len ? len : 1);
	if (len)
		memcpy(exact, bytes, len);
	hub_status st = session_input(link, exact, len, end);
	while (st == HUB_AGAIN)
		st = session_resume(link);
	free(exact);
}

/* Whether every line is hex or a comment, and what they mean in all. */
static bool meant_as_hex(const uint8_t *bytes, size_t len, buf *out)
{
	hub_fault fault;
	for (size_t from = 0; from < len;) {
		const uint8_t *feed_end = memchr(bytes + from, '\n', len - from);
		size_t n = feed_end ? (size_t)(feed_end - bytes) - from : len - from;
		if (bytes[from] != '#' && decode_hex((const char *)bytes + from, n, out, &fault) != HUB_OK)
			return false;
		from += n + 1;
	}
	return out->len > 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
	static const hub_peer peer = { HUB_MESSAGE, "fuzz", "" };
	buf meant = { 0 };
	hub_fault fault;
	hub_host *host;
	hub_link *link;
	unsigned count = 0;
	options_load();
	if (meant_as_hex(bytes, len, &meant)) {
		bytes = meant.bytes;
		len = meant.len;
	}
	if (instance_open(&hub_adapter_table, &calls, &count, options, option_count, &host, &fault) != HUB_OK)
		abort();
	if (session_open(host, &peer, NULL, &link) == HUB_OK)
		for (size_t at = 0; at < len || !at;) {
			size_t n = len - at, cut = at < len ? 1u + bytes[at] : 1;
			n = n < cut ? n : cut;
			feed(link, bytes + at, n, at + n >= len);
			at += n ? n : 1;
		}
	instance_close(host);
	buf_fini(&meant);
	return 0;
}
