#include "base/clock.h"

#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

/* A time that parses prints, and prints as itself, unless its offset moved it out of the years. */
int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
	hub_time t, back;
	char text[CLOCK_TEXT];
	if (!clock_parse((const char *)bytes, len, &t) || !*clock_text(t, text))
		return 0;
	if (!clock_parse(text, strlen(text), &back) || back != t)
		__builtin_trap();
	return 0;
}
