/*
 * Decides every request of the public Cedar corpus and compares with what it states.
 *   policy_corpus DIRECTORY
 * DIRECTORY holds <id>.json, <id>.cedar and <id>.entities.json. Prints one line per test,
 * "<id> <requests> <equal> <wrong decisions> <wrong reasons> <wrong errors> <refused by the schema
 * though valid>", and what differed on standard error.
 */
#include "base/arena.h"
#include "policy/policy.h"
#include "policy/schema.h"
#include "policy/tree.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef struct tally {
	size_t requests, equal, decisions, reasons, errors, schemas;
} tally;

static char *read_file(const char *dir, const char *id, const char *suffix, size_t *ret_len)
{
	char path[4096];
	snprintf(path, sizeof path, "%s/%s%s", dir, id, suffix);
	FILE *f = fopen(path, "rb");
	if (!f || fseek(f, 0, SEEK_END) != 0) {
		perror(path);
		exit(2);
	}
	size_t len = (size_t)ftell(f);
	char *text = malloc(len + 1);
	rewind(f);
	if (!text || fread(text, 1, len, f) != len) {
		perror(path);
		exit(2);
	}
	fclose(f);
	text[len] = '\0';
	*ret_len = len;
	return text;
}

/* The array names exactly these policies, in any order. */
static bool same(const tree *array, const policy_set *set, const uint32_t *numbers, size_t count)
{
	if (!array || array->count != count)
		return false;
	for (const tree *m = array->first; m; m = m->next) {
		bool found = false;
		for (size_t i = 0; i < count; i++) {
			policy_text name = policy_set_place(set, numbers[i]).name;
			found |= name.len == m->text.len && memcmp(name.p, m->text.p, name.len) == 0;
		}
		if (!found)
			return false;
	}
	return true;
}

static void run_request(const char *id, const policy_set *set, const policy_entities *entities,
			const policy_request *request, const tree *expected, tally *t)
{
	arena a;
	policy_decision d;
	arena_init(&a, 0);
	const tree *decision = tree_get(expected, "decision");
	hub_status st = policy_decide(set, entities, NULL, request, &a, &d);
	if (st != HUB_OK) {
		fprintf(stderr, "%s request %zu: %s\n", id, t->requests, hub_status_name(st));
		t->decisions++;
	} else {
		bool allow = decision->text.len == 5 && memcmp(decision->text.p, "allow", 5) == 0;
		bool decided = allow == d.allow;
		bool reasons = same(tree_get(expected, "reason"), set, d.reasons, d.reason_count);
		bool errors = same(tree_get(expected, "errors"), set, d.errors, d.error_count);
		t->decisions += !decided;
		t->reasons += !reasons;
		t->errors += !errors;
		t->equal += decided && reasons && errors;
		if (!decided || !reasons || !errors)
			fprintf(stderr, "%s request %zu: decision %s, %zu reasons, %zu errors %s\n", id, t->requests,
				d.allow ? "allow" : "deny", d.reason_count, d.error_count,
				d.error_count ? d.error_texts[0] : "");
	}
	t->requests++;
	arena_fini(&a);
}

/* What the reference validates, our check must accept; it need not refuse all that the reference does. */
static void run_schema(const char *dir, const char *id, const policy_set *set, const tree *test, tally *t)
{
	size_t len;
	const tree *valid = tree_get(test, "shouldValidate");
	char *text = read_file(dir, id, ".cedarschema", &len);
	policy_source source = { policy_text_of("schema"), { text, len } };
	policy_schema *schema = NULL;
	hub_fault fault = { 0 };
	hub_status st = policy_schema_parse(&source, &schema, &fault);
	bool read = st == HUB_OK;
	if (read)
		st = policy_schema_check(schema, set, &fault);
	if (st != HUB_OK && (!read || (valid && valid->yes))) {
		fprintf(stderr, "%s: %s\n", id, fault.message);
		t->schemas++;
	}
	policy_schema_free(schema);
	free(text);
}

static void run_test(const char *dir, const char *id)
{
	size_t len, count = 0;
	arena a;
	hub_fault fault = { 0 };
	const tree *test = NULL;
	tally t = { 0 };
	policy_set *set = NULL;
	policy_entities *entities = NULL;
	policy_request *requests = NULL;
	arena_init(&a, 0);
	char *text = read_file(dir, id, ".json", &len), *other;
	hub_status st = tree_read(text, len, &a, &test, &fault);
	if (st == HUB_OK)
		st = policy_requests_parse(text, len, &a, &requests, &count, &fault);
	free(text);
	if (st == HUB_OK) {
		other = read_file(dir, id, ".cedar", &len);
		policy_source source = { policy_text_of(id), { other, len } };
		st = policy_set_parse(&source, 1, &set, &fault);
		free(other);
	}
	if (st == HUB_OK) {
		other = read_file(dir, id, ".entities.json", &len);
		st = policy_entities_parse(other, len, &entities, &fault);
		free(other);
	}
	if (st != HUB_OK) {
		fprintf(stderr, "%s: %s\n", id, fault.message);
		t.requests = tree_get(test, "requests") ? tree_get(test, "requests")->count : 1;
		t.decisions = t.requests;
	} else {
		const tree *expected = tree_get(test, "requests")->first;
		run_schema(dir, id, set, test, &t);
		for (size_t i = 0; i < count; i++, expected = expected->next)
			run_request(id, set, entities, &requests[i], expected, &t);
	}
	printf("%s %zu %zu %zu %zu %zu %zu\n", id, t.requests, t.equal, t.decisions, t.reasons, t.errors, t.schemas);
	policy_entities_free(entities);
	policy_set_free(set);
	arena_fini(&a);
}

int main(int argc, char **argv)
{
	if (argc != 2) {
		fprintf(stderr, "usage: policy_corpus DIRECTORY\n");
		return 2;
	}
	struct dirent **names;
	int n = scandir(argv[1], &names, NULL, alphasort);
	for (int i = 0; i < n; i++) {
		char *dot = strchr(names[i]->d_name, '.');
		if (dot && strcmp(dot, ".json") == 0) {
			*dot = '\0';
			run_test(argv[1], names[i]->d_name);
		}
		free(names[i]);
	}
	if (n >= 0)
		free(names);
	return n < 0 ? 2 : 0;
}
