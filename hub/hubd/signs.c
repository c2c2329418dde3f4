#include "hubd/signs.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/utf8.h"

static sign *find(signs *s, const char *kind, const char *subject)
{
	for (size_t i = 0; i < s->count; i++)
		if (!s->list[i].ended && !strcmp(s->list[i].kind, kind) && !strcmp(s->list[i].subject, subject))
			return &s->list[i];
	return NULL;
}

void signs_note(signs *s, moment now, const char *kind, const char *subject, int64_t hold, int64_t more,
		const char *fmt, ...)
{
	char name[SIGN_SUBJECT], all[2 * SIGN_TEXT];
	utf8_clean(subject, name, sizeof name);
	sign *g = hold ? find(s, kind, name) : NULL;
	if (!g && s->count == SIGNS)
		return;
	if (!g) {
		g = &s->list[s->count++];
		*g = (sign) { .began = now.wall };
		snprintf(g->kind, sizeof g->kind, "%s", kind);
		snprintf(g->subject, sizeof g->subject, "%s", name);
	}
	va_list ap;
	va_start(ap, fmt);
	vsnprintf(all, sizeof all, fmt, ap);
	va_end(ap);
	utf8_clean(all, g->text, sizeof g->text);
	g->last = now.wall;
	g->ended = hold ? 0 : now.wall;
	g->until = now.monotonic + hold;
	g->count += more;
	g->unsaved = true;
}

void signs_turn(signs *s, moment now)
{
	for (size_t i = 0; i < s->count; i++) {
		sign *g = &s->list[i];
		if (!g->ended && now.monotonic > g->until) {
			g->ended = g->last;
			g->unsaved = true;
		}
		if (g->ended && !g->unsaved) {
			*g = s->list[--s->count];
			i--;
		}
	}
}

trouble sign_trouble(const sign *g, const char *core)
{
	return (trouble) { .core = core,
			   .kind = g->kind,
			   .subject = g->subject,
			   .text = g->text,
			   .began = g->began,
			   .last = g->last,
			   .ended = g->ended,
			   .count = g->count };
}
