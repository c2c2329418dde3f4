#include "base/decimal.h"

#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

/* What parses prints, and what is printed parses to the same number. */
int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
	decimal d, back;
	hub_value v;
	char out[DECIMAL_TEXT];
	if (decimal_parse((const char *)bytes, len, &d) != HUB_OK)
		return 0;
	decimal_text(d, out);
	if (decimal_parse(out, strlen(out), &back) != HUB_OK || back.digits != d.digits || back.scale != d.scale)
		__builtin_trap();
	if (hub_value_parse((const char *)bytes, len, &v) == HUB_OK && decimal_cmp(decimal_of_value(v), d) != 0)
		__builtin_trap();
	return 0;
}
