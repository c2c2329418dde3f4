#include <stdint.h>
#include <stdlib.h>

#include "identity/seal.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Nothing that a fuzzer makes opens: it holds no key. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	arena a;
	seal s;
	hub_fault fault;
	arena_init(&a, 0);
	if (seal_open((const char *)data, size, "uhub.bills", &a, &s, &fault) == HUB_OK)
		abort();
	arena_fini(&a);
	return 0;
}
