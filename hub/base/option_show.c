#include "base/option_value.h"

#include <stdio.h>
#include <string.h>

/* As libconfig reads it: numbers and words bare, everything else in quotes. */
static void value_show(buf *out, const option *row, const char *text)
{
	bool bare = row->type == OPTION_BOOL || (row->type == OPTION_INT && strlen(text) < 10);
	if (bare) {
		buf_text(out, text);
		return;
	}
	buf_text(out, "\"");
	for (; *text; text++) {
		if (*text == '"' || *text == '\\')
			buf_text(out, "\\");
		if (*text == '\n')
			buf_text(out, "\\n");
		else
			buf_put(out, text, 1);
	}
	buf_text(out, "\"");
}

void options_show(const options *o, buf *out)
{
	static const char *const sources[] = { "default", "file", "command line" };
	for (size_t i = 0; o->table[i].name; i++) {
		const option *row = &o->table[i];
		const option_value *v = &o->values[i];
		buf_printf(out, "# %s\n%s = ", row->text, row->name);
		value_show(out, row, v->text);
		buf_printf(out, "; # %s%s%s\n", sources[v->source], v->source == OPTION_FILE ? " " : "",
			   v->source == OPTION_FILE ? o->file : "");
	}
}

/* groff takes a bare '-' for a hyphen, '\' for an escape, and '.' or ''' at a line's start for a request. */
static void roff(buf *out, const char *text)
{
	buf_text(out, "\\&");
	for (; *text; text++) {
		if (*text == '-')
			buf_text(out, "\\-");
		else if (*text == '\\')
			buf_text(out, "\\e");
		else
			buf_put(out, *text == '\n' ? " " : text, 1);
	}
}

static void roff_name(buf *out, const char *name)
{
	buf_text(out, "\\-\\-");
	for (; *name; name++)
		buf_text(out, *name == '_' ? "\\-" : (char[]) { *name, 0 });
}

void options_manual(const option *table, buf *out)
{
	buf_text(out, ".SH OPTIONS\n.TP\n.BI \\-\\-config \" FILE\"\n"
		      "Read the configuration file first; each option stands there as\n.IR name = value ;\n");
	for (; table->name; table++) {
		buf_text(out, ".TP\n.BI ");
		roff_name(out, table->name);
		buf_printf(out, " \" %s\"\n", option_type_word(table->type));
		roff(out, table->text);
		buf_text(out, ".\n");
		if (!table->fallback) {
			buf_text(out, "Required.\n");
		} else if (*table->fallback) {
			buf_text(out, "Default: ");
			roff(out, table->fallback);
			buf_text(out, ".\n");
		}
		if (table->reload)
			buf_text(out, "May change while running.\n");
	}
}

static const char *program_name(const char *path)
{
	const char *slash = strrchr(path, '/');
	return slash ? slash + 1 : path;
}

static hub_status show_all(const option *table, int argc, char **argv, buf *out, hub_fault *fault)
{
	options *o = NULL;
	int rest = 0;
	hub_status st = options_parse(table, NULL, argc, argv, &rest, &o, fault);
	if (st == HUB_OK)
		options_show(o, out);
	options_free(o);
	return st;
}

bool options_asked(const option *table, const char *summary, int argc, char **argv, int *ret_code)
{
	const char *last = argc > 1 ? argv[argc - 1] : "", *name = program_name(argv[0]);
	bool manual = !strcmp(last, "--manual");
	buf out = { 0 };
	hub_fault fault = { 0 };
	hub_status st = HUB_OK;
	if (!manual && strcmp(last, "--show-options"))
		return false;
	if (manual) {
		buf_printf(&out, ".TH %s 8 \"\" \"utility hub\"\n.SH NAME\n%s \\- ", name, name);
		roff(&out, summary);
		buf_printf(&out, "\n.SH SYNOPSIS\n.B %s\n[OPTION]…\n", name);
		options_manual(table, &out);
	} else {
		st = show_all(table, argc - 1, argv, &out, &fault);
	}
	if (st == HUB_OK && !out.bad)
		fwrite(out.bytes, 1, out.len, stdout);
	else
		fprintf(stderr, "%s: %s\n", name, fault.message);
	*ret_code = st == HUB_OK && !out.bad && !fflush(stdout) ? 0 : 2;
	buf_fini(&out);
	return true;
}
