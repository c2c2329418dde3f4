#include <stdint.h>
#include <stdlib.h>

#include "depth.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* However the bytes arrive, the verdict is the same, and whatever passes never opened more than it may. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	depth whole = { 0 }, parts = { 0 };
	bool good = depth_take(&whole, data, size), same = true;
	for (size_t at = 0, n; same && at < size; at += n) {
		n = 1 + data[at] % 7u;
		n = n < size - at ? n : size - at;
		same = depth_take(&parts, data + at, n);
	}
	if (good != same || (good && whole.level > DEPTH_MAX))
		abort();
	return 0;
}
