#include "policy/operate.h"

#include <stdarg.h>
#include <stdio.h>

const value *run_fail(run *r, const op *at, const char *fmt, ...)
{
	const policy_source *s = &r->set->sources[r->policy->source];
	const node *origin = r->code->origins[at - r->code->ops];
	uint32_t start = origin ? origin->start : r->policy->start;
	unsigned line, column;
	char text[512];
	va_list ap;
	va_start(ap, fmt);
	vsnprintf(text, sizeof text, fmt, ap);
	va_end(ap);
	source_position(*s, start, &line, &column);
	r->error = arena_printf(r->a, "%.*s:%u:%u: %s", (int)s->name.len, s->name.p, line, column, text);
	r->nomem |= !r->error;
	return NULL;
}

const value *run_wrong_type(run *r, const op *at, const char *want, const value *seen)
{
	buf b = { 0 };
	value_print(seen, 60, &b);
	const value *none = run_fail(r, at, "expected %s, got %s %s", want, value_kind_name(seen->kind), buf_cstr(&b));
	buf_fini(&b);
	return none;
}

outcome run_not_type(run *r, const op *at, const char *want, const value *seen)
{
	run_wrong_type(r, at, want, seen);
	return ERR;
}

const value *run_missing(run *r, const op *at, const uid *u, policy_text name, const char *what)
{
	if (!u)
		return run_fail(r, at, "the record has no %s `%.*s`", what, RUN_SHOWN(name));
	const entity *e = entities_find(r->extra, u);
	if (!e && !entities_find(r->entities, u))
		return run_fail(r, at, "entity %.*s::\"%.*s\" does not exist", RUN_SHOWN(u->type), RUN_SHOWN(u->id));
	return run_fail(r, at, "entity %.*s::\"%.*s\" has no %s `%.*s`", RUN_SHOWN(u->type), RUN_SHOWN(u->id), what, RUN_SHOWN(name));
}
