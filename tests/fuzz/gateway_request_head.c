#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "request_head.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static size_t count(const char *text, size_t len, const char *what)
{
	size_t n = 0, size = strlen(what);
	for (const char *p = text; (p = memmem(p, len - (size_t)(p - text), what, size)); p += size)
		n++;
	return n;
}

/*
 * Lines "name value" as fields. Whatever is written is one head: one empty line, at its end; a request line of three
 * words; a line break only where a field ends.
 */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	request_head h = { 0 };
	buf out = { 0 };
	size_t fields = 0;
	for (size_t at = 0; at < size && fields < 64; fields++) {
		const uint8_t *end = memchr(data + at, 0xff, size - at);
		size_t len = end ? (size_t)(end - data) - at : size - at;
		const char *name = (const char *)data + at, *space = memchr(name, ' ', len);
		size_t n = space ? (size_t)(space - name) : len;
		request_head_add(&h, name, n, space ? space + 1 : "", space ? len - n - 1 : 0);
		at += len + 1;
	}
	if (request_head_write(&h, &out)) {
		const char *text = (const char *)out.bytes, *line = memmem(text, out.len, "\r\n", 2);
		if (out.len < 8 || count(text, out.len, "\r\n\r\n") != 1 ||
		    memcmp(text + out.len - 4, "\r\n\r\n", 4) != 0 || !line || memchr(text, 0, out.len) ||
		    count(text, (size_t)(line - text), " ") != 2 ||
		    count(text, out.len, "\n") != count(text, out.len, "\r\n") ||
		    count(text, out.len, "\r\n") > fields + 5 || count(text, out.len, "\r\nContent-Length: ") > 1)
			abort();
	}
	request_head_fini(&h);
	buf_fini(&out);
	return 0;
}
