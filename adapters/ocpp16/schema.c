#include "schema.h"

#include <math.h>
#include <string.h>

#include "base/clock.h"

static const struct {
	const char *name, *code;
} errors[] = {
	[OCPP_FINE] = { "", "" },
	[OCPP_NOT_IMPLEMENTED] = { "NotImplemented", "ocpp16.not_implemented" },
	[OCPP_NOT_SUPPORTED] = { "NotSupported", "ocpp16.not_supported" },
	[OCPP_INTERNAL] = { "InternalError", "ocpp16.internal" },
	[OCPP_PROTOCOL] = { "ProtocolError", "ocpp16.protocol" },
	[OCPP_SECURITY] = { "SecurityError", "ocpp16.security" },
	[OCPP_FORMATION] = { "FormationViolation", "ocpp16.formation" },
	[OCPP_PROPERTY] = { "PropertyConstraintViolation", "ocpp16.property" },
	[OCPP_OCCURENCE] = { "OccurenceConstraintViolation", "ocpp16.occurence" }, /* spelled so by the standard */
	[OCPP_TYPE] = { "TypeConstraintViolation", "ocpp16.type" },
	[OCPP_GENERIC] = { "GenericError", "ocpp16.generic" },
};

const char *ocpp_error_name(ocpp_error e)
{
	return errors[e].name;
}

const char *ocpp_error_code(ocpp_error e)
{
	return errors[e].code;
}

const action *action_find(const char *name)
{
	static const action *const sets[] = { actions_core, actions_profile, actions_security };
	for (size_t i = 0; i < sizeof sets / sizeof *sets; i++)
		for (const action *a = sets[i]; a->name; a++)
			if (!strcmp(a->name, name))
				return a;
	return NULL;
}

bool schema_time(const char *text, bool lenient, int64_t *ret)
{
	size_t len = strlen(text);
	char zoned[48];
	if (clock_parse(text, len, ret))
		return true;
	/* More digits of a second than we keep are cut, not refused. */
	const char *dot = strchr(text, '.');
	size_t digits = dot ? strspn(dot + 1, "0123456789") : 0, head = dot ? (size_t)(dot - text) + 1 : len;
	const char *zone = dot ? dot + 1 + digits : text + len;
	if (head > 32 || strlen(zone) > 8)
		return false;
	memcpy(zoned, text, head);
	size_t keep = digits > 6 ? 6 : digits;
	if (dot)
		memcpy(zoned + head, dot + 1, keep);
	strcpy(zoned + head + keep, *zone ? zone : lenient ? "Z" : "");
	return (digits > 6 || (lenient && !*zone)) && clock_parse(zoned, strlen(zoned), ret);
}

static bool bad(violation *ret, ocpp_error error, const char *name, const char *rule)
{
	*ret = (violation) { error, name, rule };
	return false;
}

static size_t characters(const char *text)
{
	size_t n = 0;
	for (; *text; text++)
		n += ((unsigned char)*text & 0xc0) != 0x80;
	return n;
}

static bool check_text(const json_t *v, const field *f, violation *ret)
{
	if (!json_is_string(v))
		return bad(ret, OCPP_TYPE, f->name, "must be a text");
	if (strlen(json_string_value(v)) != json_string_length(v))
		return bad(ret, OCPP_PROPERTY, f->name, "must not hold NUL");
	if (f->max && characters(json_string_value(v)) > f->max)
		return bad(ret, OCPP_PROPERTY, f->name, "is longer than the standard allows");
	return true;
}

static bool check_word(const json_t *v, const field *f, bool lenient, violation *ret)
{
	if (!check_text(v, f, ret))
		return false;
	for (const char *const *word = f->of; *word; word++)
		if (!(lenient ? strcasecmp : strcmp)(*word, json_string_value(v)))
			return true;
	return bad(ret, OCPP_PROPERTY, f->name, "is none of the words that the standard lists");
}

static bool check_number(const json_t *v, const field *f, violation *ret)
{
	if (!json_is_number(v))
		return bad(ret, OCPP_TYPE, f->name,
			   f->type == FIELD_INTEGER ? "must be an integer" : "must be a number");
	if (f->type == FIELD_INTEGER && json_is_real(v)) {
		double d = json_real_value(v);
		if (d != floor(d) || fabs(d) > 9e15)
			return bad(ret, OCPP_TYPE, f->name, "must be an integer");
	}
	return true;
}

static bool check_list(const json_t *list, const field *f, bool lenient, violation *ret)
{
	size_t i;
	json_t *one;
	if (!json_is_array(list))
		return bad(ret, OCPP_TYPE, f->name, "must be a list");
	if (f->required && !json_array_size(list))
		return bad(ret, OCPP_OCCURENCE, f->name, "must have at least one element");
	json_array_foreach (list, i, one) {
		if (f->type == FIELD_TEXTS ? !check_text(one, f, ret) : !json_is_object(one))
			return f->type == FIELD_TEXTS ? false
						      : bad(ret, OCPP_TYPE, f->name, "must be a list of objects");
		if (f->type == FIELD_OBJECTS && !schema_check(one, f->of, lenient, ret))
			return false;
	}
	return true;
}

static bool check_field(const json_t *v, const field *f, bool lenient, violation *ret)
{
	int64_t time;
	switch (f->type) {
	case FIELD_TEXT:
		return check_text(v, f, ret);
	case FIELD_WORD:
		return check_word(v, f, lenient, ret);
	case FIELD_INTEGER:
	case FIELD_NUMBER:
		return check_number(v, f, ret);
	case FIELD_TRUTH:
		return json_is_boolean(v) || bad(ret, OCPP_TYPE, f->name, "must be true or false");
	case FIELD_TIME:
		return check_text(v, f, ret) &&
		       (schema_time(json_string_value(v), lenient, &time) ||
			bad(ret, OCPP_PROPERTY, f->name, "must be a time as RFC 3339 writes it"));
	case FIELD_OBJECT:
		return json_is_object(v) ? schema_check(v, f->of, lenient, ret)
					 : bad(ret, OCPP_TYPE, f->name, "must be an object");
	case FIELD_OBJECTS:
	case FIELD_TEXTS:
		return check_list(v, f, lenient, ret);
	}
	return bad(ret, OCPP_INTERNAL, f->name, "has no rule");
}

static const field *find(const field *table, const char *name)
{
	while (table->name && strcmp(table->name, name))
		table++;
	return table->name ? table : NULL;
}

bool schema_check(const json_t *payload, const field *table, bool lenient, violation *ret)
{
	const char *name;
	json_t *value;
	if (!json_is_object(payload))
		return bad(ret, OCPP_FORMATION, "", "the payload must be a JSON object");
	json_object_foreach ((json_t *)payload, name, value)
		if (!lenient && !find(table, name))
			return bad(ret, OCPP_FORMATION, name, "is no member of this message");
	for (const field *f = table; f->name; f++) {
		const json_t *v = json_object_get(payload, f->name);
		/* What some write for "absent". */
		if (!v || (lenient && json_is_null(v) && !f->required)) {
			if (f->required)
				return bad(ret, OCPP_OCCURENCE, f->name, "is required");
			continue;
		}
		if (!check_field(v, f, lenient, ret))
			return false;
	}
	return true;
}
