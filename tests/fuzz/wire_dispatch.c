#include "wire/dispatch.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

/* The first byte chooses the parser. */
int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
	if (!len)
		return 0;
	uint8_t *exact = malloc(len);
	if (!exact)
		return 0;
	memcpy(exact, bytes + 1, len - 1);
	arena a;
	hub_fault fault;
	wire_dispatch d, twice;
	wire_said *said;
	size_t count;
	arena_init(&a, 16 * 1024 * 1024);
	if (bytes[0] & 1) {
		(void)wire_said_unpack(exact, len - 1, &a, &said, &count, &fault);
	} else if (wire_dispatch_unpack(exact, len - 1, &a, &d, &fault) == HUB_OK) {
		buf again = { 0 };
		wire_dispatch_pack(&again, &d);
		if (wire_dispatch_unpack(again.bytes, again.len, &a, &twice, &fault) == HUB_REJECT)
			abort(); /* what was understood can be said again */
		buf_fini(&again);
	}
	arena_fini(&a);
	free(exact);
	return 0;
}
