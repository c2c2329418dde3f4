/* What the ops of a program do; run.c is the loop around them. */
#ifndef POLICY_OPERATE_H
#define POLICY_OPERATE_H

#include "policy/run.h"

/* The outcome of a test. ERR: the error is recorded. */
typedef enum outcome { NO, YES, ERR } outcome;

/* Records an error at an op and gives NULL. The text is built only now, so that success costs nothing. */
const value *run_fail(run *r, const op *at, const char *fmt, ...) __attribute__((cold, format(printf, 3, 4)));
const value *run_wrong_type(run *r, const op *at, const char *want, const value *seen) __attribute__((cold));
outcome run_not_type(run *r, const op *at, const char *want, const value *seen) __attribute__((cold));
/* u: the entity that lacks it, NULL for a record. */
const value *run_missing(run *r, const op *at, const uid *u, policy_text name, const char *what)
	__attribute__((cold));
static inline const value *run_nomem(run *r)
{
	r->nomem = true;
	return NULL;
}

#define RUN_SHOWN(t) ((t).len > 80 ? 80 : (int)(t).len), (t).p

/* NULL: no such entity. */
static inline const entity *run_find(const run *r, const uid *u)
{
	for (int i = 0; i < 3; i++)
		if (u == r->vars[i].entity)
			return r->found[i];
	const entity *e = r->extra ? entities_find(r->extra, u) : NULL;
	return e ? e : entities_find(r->entities, u);
}

const value *run_get_attr(run *r, const op *at, const value *of, const key *k);
/* Ops OP_ATTR to OP_GET_TAG. */
const value *run_value(run *r, const op *at, const value *a, const value *b);
/* Ops OP_SET to OP_CALL. */
const value *run_many(run *r, const op *at, const value **items);
/* Ops OP_IN to OP_IS. */
outcome run_test(run *r, const op *at, const value *a, const value *b);

#endif
