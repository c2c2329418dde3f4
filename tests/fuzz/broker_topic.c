#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "topic.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(const char *text, const topic *t)
{
	const char *end = text + strlen(text);
	if (strncmp(text, "hub/v1/", 7) != 0 || t->party != text + 7 || !t->party_len ||
	    t->party + t->party_len > end || memchr(t->party, '/', t->party_len) ||
	    memchr(t->party, '+', t->party_len) || memchr(t->party, '#', t->party_len) ||
	    t->branch + t->branch_len > end || t->rest + t->rest_len > end)
		abort();
}

/* Whoever's it is stands plainly where it has to; a name is a filter too, and has no wildcard. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = malloc(size + 1);
	topic name, filter;
	if (!text)
		return 0;
	if (size)
		memcpy(text, data, size);
	text[size] = 0;
	if (topic_filter_read(text, &filter))
		check(text, &filter);
	if (topic_read(text, &name)) {
		check(text, &name);
		if (strpbrk(text, "+#") || !topic_filter_read(text, &filter))
			abort();
	}
	free(text);
	return 0;
}
