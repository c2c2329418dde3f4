#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "connect.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* A will is a text that fits; whatever else comes, nothing beyond the packet is read. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	uint8_t *exact = malloc(size ? size : 1);
	connect_will w;
	if (!exact)
		return 0;
	memcpy(exact, data, size);
	if (connect_read(exact, size, "me", &w) && w.set && strnlen(w.topic, sizeof w.topic) > TOPIC_MAX)
		abort();
	free(exact);
	return 0;
}
