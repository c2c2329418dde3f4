#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "api/form.h"
#include "base/utf8.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Whatever is taken is text, and each name is there once. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	arena a;
	hub_fault fault;
	const wire_field *fields;
	size_t count;
	uint8_t *body = malloc(size ? size : 1);
	if (!body)
		return 0;
	memcpy(body, data, size);
	arena_init(&a, 0);
	if (form_parse(body, size, &a, &fields, &count, &fault) == HUB_OK) {
		for (size_t i = 0; i < count; i++) {
			if (!utf8_valid(fields[i].name, strlen(fields[i].name)) ||
			    !utf8_valid(fields[i].value, strlen(fields[i].value)))
				abort();
			if (form_value(fields, count, fields[i].name) != fields[i].value)
				abort();
		}
	}
	arena_fini(&a);
	free(body);
	return 0;
}
