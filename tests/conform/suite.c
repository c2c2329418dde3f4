#include "suite.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "host/decode.h"

static void give_up(const char *what, const char *path)
{
	fprintf(stderr, "%s: %s\n", path, what);
	exit(1);
}

char *file_read(const char *path, size_t *ret_len)
{
	FILE *f = fopen(path, "rb");
	buf b = { 0 };
	char piece[4096];
	size_t n;
	if (!f)
		return NULL;
	while ((n = fread(piece, 1, sizeof piece, f)) > 0)
		buf_put(&b, piece, n);
	fclose(f);
	*ret_len = b.len;
	char *text = malloc(b.len + 1);
	if (b.len)
		memcpy(text, b.bytes, b.len);
	text[b.len] = '\0';
	buf_fini(&b);
	return text;
}

static void document_add(vector *v, const void *bytes, size_t len, size_t line)
{
	v->documents = realloc(v->documents, (v->count + 1) * sizeof *v->documents);
	document *d = &v->documents[v->count++];
	*d = (document){ malloc(len ? len : 1), len, line };
	if (len)
		memcpy(d->bytes, bytes, len);
}

static void lines_load(vector *v, const char *path)
{
	size_t len, line = 0;
	char *text = file_read(path, &len), *rest = text, *one;
	while ((one = strsep(&rest, "\n"))) {
		buf bytes = { 0 };
		hub_fault fault;
		line++;
		if (!*one || *one == '#')
			continue;
		if (decode_hex(one, strlen(one), &bytes, &fault) != HUB_OK)
			give_up(fault.message, path);
		document_add(v, bytes.bytes, bytes.len, line);
		buf_fini(&bytes);
	}
	free(text);
}

static void options_load(vector *v, const char *folder)
{
	char path[700];
	size_t len;
	snprintf(path, sizeof path, "%s.options", v->path);
	char *text = file_read(path, &len);
	if (!text) {
		snprintf(path, sizeof path, "%s/default.options", folder);
		text = file_read(path, &len);
	}
	if (!text)
		return;
	char *rest = text, *one;
	while ((one = strsep(&rest, "\n"))) {
		char *equals = strchr(one, '=');
		if (!equals || *one == '#')
			continue;
		*equals = '\0';
		v->options[v->option_count++] = (hub_setting){ strdup(one), strdup(equals + 1) };
	}
	free(text);
}

static bool ends_with(const char *text, const char *ending)
{
	size_t n = strlen(text), e = strlen(ending);
	return n > e && !strcmp(text + n - e, ending);
}

static void vector_load(vector *v, const char *folder, const char *name)
{
	char path[700];
	*v = (vector){ .framed = ends_with(name, ".hex") && !ends_with(name, ".stream.hex") };
	snprintf(v->name, sizeof v->name, "%s", name);
	snprintf(path, sizeof path, "%s/%s", folder, name);
	snprintf(v->path, sizeof v->path, "%.500s/%.*s", folder, (int)(strrchr(name, '.') - name), name);
	if (ends_with(name, ".hex")) {
		lines_load(v, path);
	} else {
		size_t len;
		char *bytes = file_read(path, &len);
		document_add(v, bytes, len, 1);
		free(bytes);
	}
	options_load(v, folder);
}

vector *vectors_load(const char *folder, size_t *ret_count)
{
	struct dirent **names;
	int n = scandir(folder, &names, NULL, alphasort);
	vector *all = calloc(n > 0 ? (size_t)n : 1, sizeof *all);
	size_t count = 0;
	for (int i = 0; i < n; i++) {
		if (ends_with(names[i]->d_name, ".hex") || ends_with(names[i]->d_name, ".raw"))
			vector_load(&all[count++], folder, names[i]->d_name);
		free(names[i]);
	}
	if (n >= 0)
		free(names);
	if (!count)
		give_up("no vectors (*.hex, *.raw)", folder);
	*ret_count = count;
	return all;
}

void vectors_free(vector *v, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		for (size_t k = 0; k < v[i].count; k++)
			free(v[i].documents[k].bytes);
		for (size_t k = 0; k < v[i].option_count; k++) {
			free((char *)v[i].options[k].key);
			free((char *)v[i].options[k].value);
		}
		free(v[i].documents);
	}
	free(v);
}

static hub_status on_record(void *context, hub_link *link, const record *r)
{
	(void)link;
	fake *f = context;
	if (!f->again_said && (f->again_all || (long)f->count == f->again_at)) {
		f->again_said = true;
		return HUB_AGAIN;
	}
	f->again_said = !f->again_all && f->again_said;
	f->count++;
	f->readings += r->body.type == HUB_RECORD_READING;
	f->refusals += r->body.type == HUB_RECORD_FAULT;
	record_pack(&f->records, r);
	return HUB_OK;
}

static hub_status on_send(void *context, hub_link *link, const uint8_t *bytes, size_t len)
{
	(void)link;
	(void)bytes;
	(void)len;
	((fake *)context)->sends++;
	return HUB_OK;
}

static void on_hang_up(void *context, hub_link *link, const char *reason)
{
	(void)link;
	(void)reason;
	((fake *)context)->hang_ups++;
}

static hub_time now(void *context)
{
	return ((fake *)context)->now;
}

const host_calls fake_calls = { .on_record = on_record, .on_send = on_send, .on_hang_up = on_hang_up, .now = now };

void fake_init(fake *f)
{
	*f = (fake){ .again_at = -1, .now = INT64_C(1700000000000000) };
}

void fake_fini(fake *f)
{
	buf_fini(&f->records);
}
