#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "cookie.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* What is found lies in the header, behind its name, and has no part of another cookie. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *header = strndup((const char *)data, size);
	const char *value;
	size_t len;
	if (!header)
		return 0;
	if (cookie_find(header, "__Host-hub", &value, &len)) {
		const char *end = header + strlen(header);
		if (value < header + 11 || value + len > end || memcmp(value - 11, "__Host-hub=", 11) != 0 ||
		    memchr(value, ';', len) || (value - 11 != header && !strchr("; ", value[-12])))
			abort();
	}
	free(header);
	return 0;
}
