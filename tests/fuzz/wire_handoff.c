/* Frames of the hand-over between dmzd and adapterd: what is read is written alike. */
#include "wire/handoff.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	buf in = { 0 }, again = { 0 };
	buf_put(&in, data, size);
	size_t at = 0;
	handoff h, back;
	while (handoff_next(&in, &at, &h) == HUB_OK) {
		size_t zero = 0;
		if (at > in.len)
			abort();
		buf_clear(&again);
		handoff_put(&again, h.type, h.session, h.body, h.len);
		if (handoff_next(&again, &zero, &back) != HUB_OK || back.session != h.session || back.len != h.len)
			abort();
	}
	buf_fini(&in);
	buf_fini(&again);
	return 0;
}
