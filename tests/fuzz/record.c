#include "model/record.h"
#include "base/buf.h"

#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

/* What is a record packs, and unpacks to the same bytes. */
int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
	arena a;
	record r, back;
	buf once = { 0 }, twice = { 0 };
	arena_init(&a, 0);
	if (record_unpack(bytes, len, &a, &r) == HUB_OK) {
		record_pack(&once, &r);
		if (record_unpack(once.bytes, once.len, &a, &back) != HUB_OK)
			__builtin_trap();
		record_pack(&twice, &back);
		if (once.len != twice.len || memcmp(once.bytes, twice.bytes, once.len) != 0)
			__builtin_trap();
		if (r.body.type == HUB_RECORD_READING)
			reading_json(&twice, &r.body.reading);
	}
	buf_fini(&once);
	buf_fini(&twice);
	arena_fini(&a);
	return 0;
}
