/* Every document of vectors/NAME.hex or .raw gives the line beside it in NAME.json; of an error the code counts. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <setjmp.h>

#include <cmocka.h>
#include <jansson.h>

#include "host/decode.h"
#include "suite.h"

static const char *code_of(const json_t *line)
{
	const char *code = json_string_value(json_object_get(json_object_get(line, "error"), "code"));
	return code ? code : "";
}

static bool same(const json_t *got, const json_t *want)
{
	json_t *a = json_object_get(got, "readings"), *b = json_object_get(want, "readings");
	bool readings = json_array_size(a) == json_array_size(b) && (!json_array_size(a) || json_equal(a, b));
	return readings && !strcmp(code_of(got), code_of(want));
}

static size_t document_check(decoder *d, const vector *v, const document *doc, const char *want_text)
{
	buf out = { 0 };
	size_t refused;
	assert_int_equal(decoder_feed(d, doc->bytes, doc->len), HUB_OK);
	assert_int_equal(decoder_end(d, &out, &refused), HUB_OK);
	json_t *got = json_loads(buf_cstr(&out), 0, NULL), *want = want_text ? json_loads(want_text, 0, NULL) : NULL;
	bool ok = got && want && same(got, want);
	if (!ok)
		fprintf(stderr, "%s line %zu\n  got  %s  want %s\n", v->name, doc->line, buf_cstr(&out),
			want_text ? want_text : "(no line)");
	json_decref(got);
	json_decref(want);
	buf_fini(&out);
	return !ok;
}

static size_t vector_check(const vector *v)
{
	char path[700];
	size_t len, wrong = 0;
	hub_fault fault;
	decoder *d;
	snprintf(path, sizeof path, "%s.json", v->path);
	char *text = file_read(path, &len), *rest = text;
	assert_int_equal(decoder_new(&hub_adapter_table, v->options, v->option_count, false, &d, &fault), HUB_OK);
	for (size_t i = 0; i < v->count; i++)
		wrong += document_check(d, v, &v->documents[i], strsep(&rest, "\n"));
	decoder_free(d);
	free(text);
	return wrong;
}

static void every_vector_gives_what_stands_beside_it(void **state)
{
	(void)state;
	size_t count, wrong = 0;
	vector *v = vectors_load(ADAPTER_VECTORS, &count);
	for (size_t i = 0; i < count; i++)
		wrong += vector_check(&v[i]);
	vectors_free(v, count);
	assert_int_equal(wrong, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(every_vector_gives_what_stands_beside_it) };
	return cmocka_run_group_tests_name(ADAPTER_VECTORS, tests, NULL, NULL);
}
