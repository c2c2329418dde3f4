#include "answer_head.h"

#include <ctype.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

/* RFC 9113, 8.2.2: what speaks of the connection has no place in another version. */
static const char *const of_connection[] = { "connection", "keep-alive", "transfer-encoding", "upgrade", NULL };

static bool is_of_connection(const answer_field *f)
{
	for (size_t i = 0; of_connection[i]; i++)
		if (strlen(of_connection[i]) == f->name_len && !memcmp(of_connection[i], f->name, f->name_len))
			return true;
	return false;
}

static bool read_field(char *line, size_t len, answer_head *h)
{
	char *colon = memchr(line, ':', len);
	if (!colon || colon == line || h->count == ANSWER_FIELDS)
		return false;
	answer_field f = { line, colon + 1, (size_t)(colon - line), len - (size_t)(colon - line) - 1 };
	for (size_t i = 0; i < f.name_len; i++)
		f.name[i] = (char)tolower((unsigned char)f.name[i]);
	while (f.value_len && (*f.value == ' ' || *f.value == '\t')) {
		f.value++;
		f.value_len--;
	}
	if (f.name_len == 14 && !memcmp(f.name, "content-length", 14)) {
		h->length = 0;
		for (size_t i = 0; i < f.value_len; i++) {
			if (!isdigit((unsigned char)f.value[i]) || h->length > SIZE_MAX / 100)
				return false;
			h->length = h->length * 10 + (size_t)(f.value[i] - '0');
		}
	}
	if (!is_of_connection(&f))
		h->fields[h->count++] = f;
	return true;
}

int answer_head_read(char *text, size_t len, answer_head *ret)
{
	char *end = len ? memmem(text, len, "\r\n\r\n", 4) : NULL;
	answer_head h = { .length = SIZE_MAX };
	if (!end)
		return 0;
	if (end - text < 12 || memcmp(text, "HTTP/1.", 7) != 0 || !isdigit((unsigned char)text[9]) ||
	    !isdigit((unsigned char)text[10]) || !isdigit((unsigned char)text[11]))
		return -1;
	memcpy(h.status, text + 9, 3);
	h.size = (size_t)(end - text) + 4;
	char *line = memmem(text, h.size, "\r\n", 2);
	while (line && line < end) {
		line += 2;
		char *next = memmem(line, (size_t)(end + 2 - line), "\r\n", 2);
		if (!next || !read_field(line, (size_t)(next - line), &h))
			return -1;
		line = next;
	}
	*ret = h;
	return 1;
}
