#include <stdlib.h>
#include <string.h>

#include "base/fail.h"
#include "line.h"
#include "transport.h"

/* The line may have ended, its number is not given again. */
static void count(keeper *in, uint64_t number, int by)
{
	line *l = keeper_line(in, number);
	if (l)
		l->promises += (size_t)by;
}

bool promise_give(keeper *in, uint64_t number, uint64_t mark, void *document, const uint8_t *bytes, size_t len)
{
	promise *p = fail_malloc(sizeof *p + len);
	if (!p)
		return false;
	*p = (promise){ .seq = in->appended, .line = number, .mark = mark, .document = document, .len = len };
	if (len)
		memcpy(p->bytes, bytes, len);
	*(in->promises ? &in->promises_last->next : &in->promises) = p;
	in->promises_last = p;
	count(in, number, 1);
	return true;
}

static void stored(keeper *in, const promise *p)
{
	line *l = keeper_line(in, p->line);
	if (!l)
		return;
	size_t at = frame_begin(&in->out, FRAME_STORED);
	buf_varint(&in->out, p->line);
	buf_varint(&in->out, p->mark);
	frame_end(&in->out, at);
	if (p->len)
		line_send(l, p->bytes, p->len);
}

static void settle(keeper *in, uint64_t number)
{
	line *l = keeper_line(in, number);
	if (l)
		line_settle(l);
}

void promise_keep(keeper *in)
{
	/* Who leaves a broker's journal takes its messages along in its own, so that it holds nobody else's up. */
	uint64_t kept = in->config.journalled || in->stay == KEEPER_LEAVING ? in->flushed : in->acked;
	while (in->promises && in->promises->seq <= kept) {
		promise *p = in->promises;
		in->promises = p->next;
		count(in, p->line, -1);
		if (p->document)
			in->transport->document_kept(in->transport, p->document, true);
		else
			stored(in, p);
		settle(in, p->line);
		free(p);
	}
}

void promise_drop(keeper *in, bool documents_too)
{
	promise **at = &in->promises, *last = NULL;
	while (*at) {
		promise *p = *at;
		if (p->document && !documents_too) {
			last = p;
			at = &p->next;
			continue;
		}
		*at = p->next;
		count(in, p->line, -1);
		if (p->document)
			in->transport->document_kept(in->transport, p->document, false);
		free(p);
	}
	in->promises_last = last;
}
