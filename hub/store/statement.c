#include "store/connection.h"

#include <assert.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

extern const hub_embedded store_statements[];
extern const size_t store_statements_count;

static sql_statement statements[STATEMENTS_MAX];
static size_t statement_count;
static pthread_once_t once = PTHREAD_ONCE_INIT;

static const char mark[] = "-- :"; /* "-- :name" on a line of its own begins a statement */

static int by_name(const void *a, const void *b)
{
	const sql_statement *x = a, *y = b;
	return strcmp(x->name, y->name);
}

static char *copy(const char *from, const char *to)
{
	char *text = malloc((size_t)(to - from) + 1);
	if (!text)
		abort(); /* once, at the start: nothing could run without */
	memcpy(text, from, (size_t)(to - from));
	text[to - from] = '\0';
	return text;
}

static void split(void)
{
	for (size_t f = 0; f < store_statements_count; f++) {
		const char *end = store_statements[f].bytes + store_statements[f].len;
		for (const char *p = strstr(store_statements[f].bytes, mark); p;) {
			const char *name = p + sizeof mark - 1, *line = strchr(name, '\n');
			assert(line && statement_count < STATEMENTS_MAX);
			p = strstr(line, mark);
			statements[statement_count++] =
				(sql_statement){ copy(name, line), copy(line + 1, p ? p : end) };
		}
	}
	qsort(statements, statement_count, sizeof statements[0], by_name);
}

size_t sql_find(const char *name, const sql_statement **ret)
{
	pthread_once(&once, split);
	sql_statement key = { .name = (char *)name };
	const sql_statement *s = bsearch(&key, statements, statement_count, sizeof statements[0], by_name);
	assert(s && "no such statement");
	*ret = s;
	return (size_t)(s - statements);
}
