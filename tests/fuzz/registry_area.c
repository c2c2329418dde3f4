#include <stdlib.h>
#include <string.h>

#include "registry/area.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
	uint8_t *copy = malloc(len ? len : 1);
	area_feature *list;
	size_t count;
	hub_fault fault;
	if (!copy)
		return 0;
	if (len)
		memcpy(copy, bytes, len);
	arena a;
	arena_init(&a, 1 << 24);
	if (area_parse(copy, len, &a, &list, &count, &fault) == HUB_OK)
		for (size_t i = 0; i < count; i++)
			if (!list[i].fault.code && strncmp(list[i].geometry, "{\"type\":\"", 9))
				abort();
	arena_fini(&a);
	free(copy);
	return 0;
}
