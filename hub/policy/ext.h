/*
 * Cedar's extension types: decimal, datetime, duration and ipaddr. Texts are parsed exactly as
 * the language says (https://docs.cedarpolicy.com/policies/syntax-datatypes.html); false when they
 * are not such a text or do not fit.
 */
#ifndef POLICY_EXT_H
#define POLICY_EXT_H

#include "policy/value.h"

bool ext_decimal_parse(policy_text t, int64_t *ret);  /* × 10^4 */
bool ext_datetime_parse(policy_text t, int64_t *ret); /* ms since 1970-01-01 UTC */
bool ext_duration_parse(policy_text t, int64_t *ret); /* ms */
bool ext_ip_parse(policy_text t, uint8_t bytes[16], uint8_t *ret_prefix, bool *ret_v6);

void ext_decimal_print(int64_t v, buf *out);
void ext_datetime_print(int64_t v, buf *out);
void ext_duration_print(int64_t v, buf *out);
void ext_ip_print(const value *v, buf *out);

bool ext_to_date(int64_t datetime, int64_t *ret); /* false: overflow */
int64_t ext_to_time(int64_t datetime);

bool ext_ip_is_loopback(const value *ip);
bool ext_ip_is_multicast(const value *ip);
bool ext_ip_in_range(const value *ip, const value *range);

/* The functions and methods of the language; their order is private. */
typedef struct ext_function {
	const char *name;
	bool method;       /* receiver.name(…), else name(…) */
	uint8_t argc;      /* the receiver counts */
	uint8_t args[2];   /* policy_kind */
	uint8_t result;    /* policy_kind */
	/* NULL: *ret_why says why (overflow or a malformed text), or is NULL when memory ran out. */
	const value *(*call)(arena *a, const value *const *args, const char **ret_why);
} ext_function;

const ext_function *ext_find(policy_text name); /* NULL: no such function */

#endif
