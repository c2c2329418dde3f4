/* What a station may send to the charger port: a head, then frames; cut anywhere it is the same. */
#include <stdlib.h>
#include <string.h>

#include "upgrade.h"
#include "wsframe.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	upgrade u;
	size_t used = 0, at = 0, len = 0;
	int status = 0;
	hub_fault fault;
	uint16_t code = 0;
	const uint8_t *bytes = NULL;
	if (upgrade_read((const char *)data, size, &u, &used, &status, &fault) != HUB_OK)
		used = 0;
	uint8_t *copy = malloc(size - used + 1);
	wsframe w = { .message_max = 4096 };
	if (!copy || used > size)
		abort();
	memcpy(copy, data + used, size - used);
	for (ws_event e = WS_PONG; e != WS_MORE && e != WS_BROKEN;) {
		e = wsframe_next(&w, copy, size - used, &at, &bytes, &len, &code);
		if (at > size - used || (e == WS_MESSAGE && len > 4096))
			abort();
	}
	wsframe_fini(&w);
	free(copy);
	return 0;
}
