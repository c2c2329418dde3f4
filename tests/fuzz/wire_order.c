#include "wire/order.h"

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
	arena_init(&a, 16 * 1024 * 1024);
	hub_fault fault;
	wire_order out;
	if (wire_order_unpack(exact, len, &a, &out, &fault) == HUB_OK) {
		buf again = { 0 };
		wire_order_pack(&again, &out);
		wire_order twice;
		if (wire_order_unpack(again.bytes, again.len, &a, &twice, &fault) == HUB_REJECT)
			abort(); /* what was understood can be said again */
		buf_fini(&again);
	}
	arena_fini(&a);
	free(exact);
	return 0;
}
