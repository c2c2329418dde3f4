#include "wire/wire.h"

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
	wire_head out;
	hub_reader in = hub_reader_of(exact, len);
	if (wire_head_unpack(&in, &a, &out, &fault) == HUB_OK && out.kind > WIRE_HINT)
		abort();
	arena_fini(&a);
	free(exact);
	return 0;
}
