#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "answer_head.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Fields lie within the head, and none of them is a line break or of a connection. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = malloc(size ? size : 1);
	answer_head h;
	if (!text)
		return 0;
	memcpy(text, data, size);
	if (answer_head_read(text, size, &h) == 1) {
		if (h.size > size || h.count > ANSWER_FIELDS || strlen(h.status) != 3)
			abort();
		for (size_t i = 0; i < h.count; i++) {
			const answer_field *f = &h.fields[i];
			if (f->name < text || f->value + f->value_len > text + h.size || !f->name_len ||
			    memmem(f->value, f->value_len, "\r\n", 2) ||
			    (f->name_len == 10 && !memcmp(f->name, "connection", 10)))
				abort();
		}
	}
	free(text);
	return 0;
}
