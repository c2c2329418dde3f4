/* application/x-www-form-urlencoded, as OAuth clients send it (RFC 6749, appendix B). Pure. */
#ifndef API_FORM_H
#define API_FORM_H

#include "base/arena.h"
#include "wire/call.h"

enum { FORM_FIELDS = 16, FORM_MAX = 16 * 1024 };

/*
 * Names and values decoded, in the arena. HUB_REJECT: longer than FORM_MAX, more than FORM_FIELDS,
 * a name twice, a broken %XX, NUL, or not UTF-8; *fault ("form.…") says which.
 */
hub_status form_parse(const uint8_t *body, size_t len, arena *a, const wire_field **ret, size_t *ret_count, hub_fault *fault);
/* "" if absent. */
const char *form_value(const wire_field *fields, size_t count, const char *name);
/* One value with its %XX and + decoded, in the arena. HUB_REJECT, HUB_NOMEM. */
hub_status form_decode(const uint8_t *text, size_t len, arena *a, const char **ret, hub_fault *fault);

#endif
