#include "route/describe.h"

#include <stdio.h>
#include <string.h>

const char *const describe_methods[5] = { "get", "put", "post", "delete", "patch" };

/* "#/components/schemas/Reading" leads to something. */
static bool leads_somewhere(json_t *whole, const char *ref)
{
	char step[128];
	json_t *at = strncmp(ref, "#/", 2) ? NULL : whole;
	for (const char *p = ref + 2; at && *p;) {
		size_t n = strcspn(p, "/");
		if (n >= sizeof step)
			return false;
		memcpy(step, p, n);
		step[n] = 0;
		at = json_object_get(at, step);
		p += n + (p[n] == '/');
	}
	return at != NULL;
}

static bool references_lead_somewhere(json_t *whole, json_t *part)
{
	bool good = true;
	const char *key;
	json_t *value;
	size_t i;
	json_object_foreach (part, key, value) {
		if (!strcmp(key, "$ref") && json_is_string(value) &&
		    !leads_somewhere(whole, json_string_value(value))) {
			fprintf(stderr, "openapi: %s leads nowhere\n", json_string_value(value));
			good = false;
		}
		good &= references_lead_somewhere(whole, value);
	}
	json_array_foreach (part, i, value)
		good &= references_lead_somewhere(whole, value);
	return good;
}

static const char *breach(json_t *operation, const char *method, json_t *seen)
{
	const char *id = json_string_value(json_object_get(operation, "operationId"));
	const char *summary = json_string_value(json_object_get(operation, "summary"));
	json_t *responses = json_object_get(operation, "responses");
	bool sends = strcmp(method, "get") && strcmp(method, "delete");
	if (!id || !*id || strspn(id, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789") != strlen(id))
		return "its operationId is missing, or more than letters and digits";
	if (json_object_get(seen, id) || json_object_set_new(seen, id, json_true()))
		return "another operation has its operationId";
	if (!summary || !strstr(summary, " · "))
		return "its summary is not \"中文 · English\"";
	if (!json_object_get(responses, "default"))
		return "it has no response \"default\"";
	if (!sends && json_object_get(operation, "requestBody"))
		return "its method takes no body";
	return NULL;
}

bool describe_check(json_t *whole)
{
	json_t *seen = json_object(), *item, *operation;
	const char *path, *method;
	bool good = references_lead_somewhere(whole, whole);
	json_object_foreach (json_object_get(whole, "paths"), path, item) {
		json_object_foreach (item, method, operation) {
			bool known = false;
			for (size_t i = 0; i < sizeof describe_methods / sizeof *describe_methods; i++)
				known |= !strcmp(method, describe_methods[i]);
			const char *why = known ? breach(operation, method, seen) : "no such method";
			if (why)
				fprintf(stderr, "openapi: %s %s: %s\n", method, path, why);
			good &= !why;
		}
	}
	json_decref(seen);
	return good;
}
