#include "ctl/ctl.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "host/decode.h"
#include "host/module.h"

enum { OPTIONS_MAX = 64, PIECE = 64 * 1024 };

typedef struct arguments {
	const char *adapter, *file;
	hub_setting options[OPTIONS_MAX];
	size_t option_count;
	char *texts[2 * OPTIONS_MAX]; /* what the options point to */
	size_t text_count;
	bool raw, all;
} arguments;

/* `key=@file`: the value is what the file holds, without its last line feed. */
static char *option_value(const char *text)
{
	if (*text != '@')
		return strdup(text);
	FILE *f = fopen(text + 1, "rb");
	buf b = { 0 };
	char piece[4096];
	size_t n;
	while (f && (n = fread(piece, 1, sizeof piece, f)) > 0)
		buf_put(&b, piece, n);
	bool bad = !f || ferror(f);
	if (f)
		fclose(f);
	if (b.len && b.bytes[b.len - 1] == '\n')
		b.len--;
	char *value = bad ? NULL : strdup(buf_cstr(&b));
	buf_fini(&b);
	return value;
}

static hub_status option_add(arguments *a, const char *text, hub_fault *fault)
{
	const char *equals = strchr(text, '=');
	if (!equals || a->option_count == OPTIONS_MAX)
		return hub_fault_set(fault, "decode.option", "option",
				     "an option is key=value, and there may be %d: got '%s'", OPTIONS_MAX, text);
	char *key = strndup(text, (size_t)(equals - text)), *value = option_value(equals + 1);
	a->texts[a->text_count++] = key;
	a->texts[a->text_count++] = value;
	if (!value)
		return hub_fault_set(fault, "decode.option", "option", "the file of '%s' cannot be read: check its path",
				     text);
	a->options[a->option_count++] = (hub_setting){ key, value };
	return HUB_OK;
}

static hub_status arguments_parse(arguments *a, int *argc, char **argv, hub_fault *fault)
{
	int bad = 0;
	const char *text;
	hub_status st = HUB_OK;
	a->adapter = ctl_take(argc, argv, "adapter", 1, &bad);
	a->raw = ctl_take(argc, argv, "raw", 0, &bad) != NULL;
	a->all = ctl_take(argc, argv, "all", 0, &bad) != NULL;
	while (st == HUB_OK && (text = ctl_take(argc, argv, "option", 1, &bad)))
		st = option_add(a, text, fault);
	if (st != HUB_OK)
		return st;
	if (bad || !a->adapter || *argc > 2)
		return hub_fault_set(fault, "decode.arguments", "", "--adapter NAME and at most one FILE are taken");
	a->file = *argc == 2 && strcmp(argv[1], "-") ? argv[1] : NULL;
	return HUB_OK;
}

static void out_flush(buf *out)
{
	fwrite(out->bytes, 1, out->len, stdout);
	buf_clear(out);
}

static hub_status decode_raw(decoder *d, FILE *in, size_t *ret_refused)
{
	uint8_t *piece = malloc(PIECE);
	hub_status st = piece ? HUB_OK : HUB_NOMEM;
	size_t n, refused = 0;
	buf out = { 0 };
	while (st == HUB_OK && (n = fread(piece, 1, PIECE, in)) > 0)
		st = decoder_feed(d, piece, n);
	if (st == HUB_OK)
		st = decoder_end(d, &out, &refused);
	out_flush(&out);
	buf_fini(&out);
	free(piece);
	*ret_refused = refused;
	return st;
}

static hub_status decode_line(decoder *d, const char *line, size_t len, buf *out, size_t *ret_refused)
{
	buf bytes = { 0 };
	hub_fault fault;
	hub_status st = decode_hex(line, len, &bytes, &fault);
	if (st == HUB_REJECT) {
		decode_error(out, &fault);
		*ret_refused = 1;
		st = HUB_OK;
	} else if (st == HUB_OK) {
		st = bytes.bad ? HUB_NOMEM : decoder_feed(d, bytes.bytes, bytes.len);
		if (st == HUB_OK)
			st = decoder_end(d, out, ret_refused);
	}
	buf_fini(&bytes);
	return st;
}

/* Empty lines and lines that begin with '#' say nothing and answer nothing. */
static hub_status decode_lines(decoder *d, FILE *in, size_t *ret_refused)
{
	char *line = NULL;
	size_t cap = 0, total = 0;
	ssize_t n;
	hub_status st = HUB_OK;
	buf out = { 0 };
	while (st == HUB_OK && (n = getline(&line, &cap, in)) >= 0) {
		while (n > 0 && (line[n - 1] == '\n' || line[n - 1] == '\r'))
			n--;
		size_t refused = 0;
		if (!n || line[0] == '#')
			continue;
		st = decode_line(d, line, (size_t)n, &out, &refused);
		total += refused;
		out_flush(&out);
	}
	free(line);
	buf_fini(&out);
	*ret_refused = total;
	return st;
}

static hub_status run(const arguments *a, size_t *ret_refused, hub_fault *fault)
{
	FILE *in = a->file ? fopen(a->file, "rb") : stdin;
	if (!in)
		return hub_fault_set(fault, "decode.file", "", "'%s' cannot be opened: check the path and its rights",
				     a->file);
	module *m = NULL;
	decoder *d = NULL;
	hub_status st = module_load(a->adapter, NULL, &m, fault);
	if (st == HUB_OK)
		st = decoder_new(module_adapter(m), a->options, a->option_count, a->all, &d, fault);
	if (st == HUB_OK)
		st = (a->raw ? decode_raw : decode_lines)(d, in, ret_refused);
	decoder_free(d);
	module_free(m);
	if (a->file)
		fclose(in);
	return st;
}

int ctl_decode(ctl *c, int argc, char **argv)
{
	(void)c;
	arguments a = { 0 };
	hub_fault fault = { 0 };
	size_t refused = 0;
	hub_status st = arguments_parse(&a, &argc, argv, &fault);
	if (st == HUB_OK && ctl_leftover("decode", argc, argv))
		st = HUB_REJECT;
	else if (st == HUB_OK)
		st = run(&a, &refused, &fault);
	for (size_t i = 0; i < a.text_count; i++)
		free(a.texts[i]);
	if (st != HUB_OK)
		return ctl_fail("decode", st, &fault);
	return refused ? CTL_USAGE : CTL_OK;
}
