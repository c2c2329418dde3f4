#include "wire/message.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
	uint8_t *exact = malloc(len ? len : 1);
	if (!exact)
		return 0;
	if (len)
		memcpy(exact, bytes, len);
	arena a;
	arena_init(&a, 1 << 24);
	hub_fault fault;
	wire_message out, twice;
	if (wire_message_unpack(exact, len, &a, &out, &fault) == HUB_OK) {
		buf again = { 0 };
		wire_message_pack(&again, &out);
		if (wire_message_unpack(again.bytes, again.len, &a, &twice, &fault) != HUB_OK ||
		    strcmp(out.topic, twice.topic) != 0 || out.payload_len != twice.payload_len ||
		    (out.payload_len && memcmp(out.payload, twice.payload, out.payload_len) != 0))
			abort(); /* what was understood can be said again */
		buf_fini(&again);
	}
	arena_fini(&a);
	free(exact);
	return 0;
}
