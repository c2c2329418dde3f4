/*
 * Reading a JSON form with a sticky error: ask for every field, look at `st` once. The first fault
 * wins and names the path. Every text handed out lives in the arena.
 */
#ifndef BILLING_FORM_H
#define BILLING_FORM_H

#include <jansson.h>

#include "base/arena.h"
#include "base/decimal.h"
#include "base/zone.h"

typedef struct form {
	arena *a;
	hub_fault *fault;
	hub_status st;
	const zone *zone; /* for dates; may be NULL until it is known */
	const char *code; /* prefix of fault codes, "tariff" */
	char path[200];	  /* where we are, "charges[2].ladder" */
} form;

/* Enters and leaves a step of the path. */
size_t form_enter(form *f, const char *name, long index); /* index < 0: none */
void form_leave(form *f, size_t mark);

void form_nomem(form *f);
/* Sets the fault `CODE.rule` (static text) unless one is set. */
void form_refuse(form *f, const char *code, const char *field, const char *fmt, ...)
    __attribute__((format(printf, 4, 5)));

/* Every key of the object is in the NULL-ended list; else it is refused by name. */
void form_keys(form *f, const json_t *o, const char *const *keys);

const char *form_text(form *f, const json_t *o, const char *key, const char *fallback);
/* A copy in the arena; NULL, with HUB_NOMEM set, when there is no memory. */
const char *form_copy(form *f, const char *text);
/* The zone by name; refused if unknown. */
zone *form_zone(form *f, const char *name, const char *code);
const char *form_need_text(form *f, const json_t *o, const char *key);
bool form_bool(form *f, const json_t *o, const char *key, bool fallback);
int64_t form_int(form *f, const json_t *o, const char *key, int64_t min, int64_t max, int64_t fallback);
/* A decimal string; a JSON number is taken by its 15 significant digits. False: absent (ret untouched). */
bool form_decimal(form *f, const json_t *o, const char *key, decimal *ret);
decimal form_need_decimal(form *f, const json_t *o, const char *key);
bool form_number(form *f, const json_t *v, decimal *ret);
/* "2026-01-01" (start of that local day) or RFC 3339. False: absent. */
bool form_time(form *f, const json_t *o, const char *key, hub_time *ret);
bool form_moment(form *f, const json_t *v, hub_time *ret);
/* "MM-DD" → month × 100 + day. */
bool form_day_of_year(form *f, const json_t *v, int *ret);
/* The index of the text among NULL-ended names; fallback < 0: required. */
int form_choice(form *f, const json_t *o, const char *key, const char *const *names, int fallback);
/* The array under key, or NULL; refused if it is another thing or longer than max. */
const json_t *form_array(form *f, const json_t *o, const char *key, size_t max);
const json_t *form_object(form *f, const json_t *o, const char *key);

#endif
