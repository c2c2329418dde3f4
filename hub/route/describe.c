/*
 * At build: joins schemas/openapi/ into one OpenAPI 3.1 document, and makes of its operations a table in C.
 *	describe TABLE.c IDS.h OPENAPI.json PART.json…
 * A path's {name} whose schema says "x-rest": true becomes {name*}. Bodies are limited by "x-body-max".
 */
#include "route/describe.h"

#include <stdio.h>
#include <string.h>

enum { BODY_MAX = 64 * 1024 }; /* unless x-body-max says otherwise */

/* Members of `from` into `into`; objects that both have are joined down to `depth`. */
static bool join(json_t *into, json_t *from, int depth, const char *file)
{
	const char *key;
	json_t *value;
	json_object_foreach (from, key, value) {
		json_t *there = json_object_get(into, key);
		if (there && depth > 0 && json_is_object(there) && json_is_object(value)) {
			if (!join(there, value, depth - 1, file))
				return false;
		} else if (there) {
			fprintf(stderr, "%s: '%s' is described already\n", file, key);
			return false;
		} else if (json_object_set(into, key, value)) {
			return false;
		}
	}
	return true;
}

static bool add_part(json_t *whole, const char *file)
{
	json_error_t error;
	json_t *part = json_load_file(file, JSON_REJECT_DUPLICATES, &error);
	if (!part)
		fprintf(stderr, "%s:%d:%d: %s\n", file, error.line, error.column, error.text);
	bool good = part && join(whole, part, 2, file);
	json_decref(part);
	return good;
}

static bool is_rest(json_t *operation, const char *name, size_t len)
{
	size_t i;
	json_t *p;
	json_array_foreach (json_object_get(operation, "parameters"), i, p) {
		const char *own = json_string_value(json_object_get(p, "name"));
		if (own && strlen(own) == len && !memcmp(own, name, len))
			return json_is_true(json_object_get(json_object_get(p, "schema"), "x-rest"));
	}
	return false;
}

static void write_path(FILE *out, json_t *operation, const char *path)
{
	for (const char *p = path; *p; p++) {
		const char *open = *p == '}' ? p : NULL;
		while (open && *open != '{')
			open--;
		if (open && is_rest(operation, open + 1, (size_t)(p - open - 1)))
			fputc('*', out);
		fputc(*p, out);
	}
}

static bool takes_key(json_t *operation)
{
	size_t i;
	json_t *p;
	json_array_foreach (json_object_get(operation, "parameters"), i, p) {
		const char *ref = json_string_value(json_object_get(p, "$ref"));
		if (ref && !strcmp(ref, "#/components/parameters/IdempotencyKey"))
			return true;
	}
	return false;
}

/* Whether the security of the operation, or else of all, names the scheme; *ret_scope: of what scope. */
static bool secured_by(json_t *whole, json_t *operation, const char *scheme, const char **ret_scope)
{
	json_t *own = json_object_get(operation, "security"), *one;
	size_t i;
	*ret_scope = NULL;
	json_array_foreach (own ? own : json_object_get(whole, "security"), i, one) {
		json_t *scopes = json_object_get(one, scheme);
		if (!scopes)
			continue;
		const char *first = json_string_value(json_array_get(scopes, 0));
		*ret_scope = first ? first : "";
		return true;
	}
	return false;
}

static void write_callers(FILE *out, json_t *whole, json_t *operation)
{
	const char *scope;
	bool party = secured_by(whole, operation, "token", &scope);
	bool person = secured_by(whole, operation, "session", &scope);
	bool app = secured_by(whole, operation, "app", &scope);
	fprintf(out, "%s, %s, %s%s%s, ", party ? "true" : "false", person ? "true" : "false", app ? "\"" : "",
		app ? scope : "NULL", app ? "\"" : "");
}

static void write_row(FILE *out, json_t *whole, json_t *operation, const char *method, const char *path)
{
	json_t *body = json_object_get(operation, "requestBody"), *max = json_object_get(body, "x-body-max"), *type;
	json_t *security = json_object_get(operation, "security");
	const char *key;
	fputs("\t{ \"", out);
	for (const char *p = method; *p; p++)
		fputc(*p - 'a' + 'A', out);
	fputs("\", \"", out);
	write_path(out, operation, path);
	fprintf(out, "\", \"%s\", %s, ", json_string_value(json_object_get(operation, "operationId")),
		security && json_array_size(security) == 0 ? "true" : "false");
	write_callers(out, whole, operation);
	fprintf(out, "%s, ", takes_key(operation) ? "true" : "false");
	fputs(body ? "(const char *const[]){ " : "NULL", out);
	json_object_foreach (json_object_get(body, "content"), key, type)
		fprintf(out, "\"%s\", ", key);
	fprintf(out, "%s, %s, %lld },\n", body ? "NULL }" : "",
		body && !json_is_true(json_object_get(body, "required")) ? "true" : "false",
		body ? (long long)(max ? json_integer_value(max) : BODY_MAX) : 0LL);
}

static bool write_tables(json_t *whole, FILE *table, FILE *ids)
{
	const char *path;
	json_t *item;
	fputs("/* Made from schemas/openapi by hub/route/describe.c. */\n#include \"route/route.h\"\n\n"
	      "const route routes[ROUTE_COUNT] = {\n",
	      table);
	fputs("/* Made from schemas/openapi by hub/route/describe.c. */\nenum {\n", ids);
	json_object_foreach (json_object_get(whole, "paths"), path, item) {
		for (size_t i = 0; i < sizeof describe_methods / sizeof *describe_methods; i++) {
			json_t *operation = json_object_get(item, describe_methods[i]);
			if (!operation)
				continue;
			write_row(table, whole, operation, describe_methods[i], path);
			fprintf(ids, "\tROUTE_%s,\n", json_string_value(json_object_get(operation, "operationId")));
		}
	}
	fputs("};\n", table);
	fputs("\tROUTE_COUNT\n};\n", ids);
	return !ferror(table) && !ferror(ids);
}

static bool write_all(json_t *whole, char **names)
{
	FILE *table = fopen(names[0], "w"), *ids = fopen(names[1], "w");
	bool good = table && ids && write_tables(whole, table, ids);
	if (table)
		good &= fclose(table) == 0;
	if (ids)
		good &= fclose(ids) == 0;
	return good && !json_dump_file(whole, names[2], JSON_COMPACT);
}

int main(int argc, char **argv)
{
	json_t *whole = json_object();
	bool good = whole && argc > 4;
	for (int i = 4; good && i < argc; i++)
		good = add_part(whole, argv[i]);
	good = good && describe_check(whole) && write_all(whole, argv + 1);
	json_decref(whole);
	return good ? 0 : 1;
}
