/* Answers in several frames: B1H, then 12H/B2H … 92H (2007 7.4.2), A1H, A2H … 82H (1997 6.2.2). */
#include <stdlib.h>
#include <string.h>

#include "base/fail.h"
#include "dlt645.h"

static join *find(session *s, const char *meter, identifier what)
{
	for (size_t i = 0; i < s->join_count; i++)
		if (s->joins[i].what.number == what.number && !strcmp(s->joins[i].meter, meter))
			return &s->joins[i];
	return NULL;
}

void join_drop(session *s, const join *j)
{
	size_t at = (size_t)(j - s->joins);
	free(s->joins[at].bytes);
	s->join_count--;
	memmove(&s->joins[at], &s->joins[at + 1], (s->join_count - at) * sizeof *s->joins);
}

static bool room(join *j, size_t len)
{
	if (j->cap - j->len >= len)
		return true;
	size_t cap = j->len + len + DLT_DATA_MAX;
	uint8_t *bytes = fail_realloc(j->bytes, cap);
	if (!bytes)
		return false;
	j->bytes = bytes;
	j->cap = cap;
	return true;
}

hub_status join_first(session *s, const dlt_frame *f, identifier what, const uint8_t *bytes, size_t len)
{
	join *j = find(s, f->meter, what);
	if (!j && s->join_count == JOINS_MAX)
		join_drop(s, &s->joins[0]);
	if (!j) {
		j = &s->joins[s->join_count];
		*j = (join){ .what = what };
		memcpy(j->meter, f->meter, sizeof j->meter);
		s->join_count++;
	}
	j->len = 0;
	j->next = 1;
	if (!room(j, len)) {
		join_drop(s, j);
		return HUB_NOMEM;
	}
	if (len)
		memcpy(j->bytes, bytes, len);
	j->len = len;
	return HUB_OK;
}

hub_status join_next(session *s, const dlt_frame *f, identifier what, const uint8_t *bytes, size_t len, bool last,
		     const join **ret_whole, hub_fault *fault)
{
	join *j = find(s, f->meter, what);
	bool numbered = what.width == 4;
	uint8_t sequence = numbered ? bytes[len - 1] : 0;
	if (!j)
		return hub_fault_set(fault, "dlt645.sequence", "SEQ",
				     "a follow-up frame comes after its first one: %0*X of %s had none; read it again",
				     what.width * 2, (unsigned)what.number, f->meter);
	if (numbered && sequence != j->next)
		return hub_fault_set(fault, "dlt645.sequence", "SEQ",
				     "follow-up frames are numbered in order: %u must come, got %u; read %08X again", j->next,
				     sequence, (unsigned)what.number);
	len -= numbered;
	if (j->len + len > JOIN_BYTES_MAX)
		return hub_fault_set(fault, "dlt645.length", "L",
				     "an answer has at most %d bytes over all its frames: %08X has more", JOIN_BYTES_MAX,
				     (unsigned)what.number);
	if (!room(j, len))
		return HUB_NOMEM;
	memcpy(j->bytes + j->len, bytes, len);
	j->len += len;
	j->next++;
	if (last)
		*ret_whole = j;
	return HUB_OK;
}
