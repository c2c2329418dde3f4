/* The code on a meter: for the terminal, or as a file to print and stick on it. */
#include <cairo.h>
#include <errno.h>
#include <qrencode.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "ctl/words.h"
#include "store/claim.h"

#define DAY INT64_C(86400000000)

enum { CODE_DAYS = 30, CODE_DAYS_MAX = 365, QUIET = 4 };

static bool dark(const QRcode *q, int x, int y)
{
	return x >= 0 && y >= 0 && x < q->width && y < q->width && (q->data[y * q->width + x] & 1);
}

/* Two rows a line by half blocks; light on dark terminals too, as the quiet zone is drawn. */
static void print_terminal(const QRcode *q)
{
	static const char *const blocks[] = { "█", "▀", "▄", " " }; /* upper, lower dark: 00 01 10 11 */
	for (int y = -QUIET; y < q->width + QUIET; y += 2) {
		for (int x = -QUIET; x < q->width + QUIET; x++)
			fputs(blocks[2 * dark(q, x, y) + dark(q, x, y + 1)], stdout);
		putchar('\n');
	}
}

/* The picture's modules: the quiet zone around, and below it the code and the point's, for who cannot scan. */
enum { WORDS = 6, MODULE = 12 /* pixels */ };

static bool write_svg(FILE *out, const QRcode *q, const char *code, const char *point_code)
{
	int size = q->width + 2 * QUIET;
	fprintf(out, "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %d %d\" width=\"%dmm\" height=\"%dmm\">"
		"<rect width=\"100%%\" height=\"100%%\" fill=\"#fff\"/><path d=\"", size, size + WORDS, size, size + WORDS);
	for (int y = 0; y < q->width; y++)
		for (int x = 0; x < q->width; x++)
			if (dark(q, x, y))
				fprintf(out, "M%d %dh1v1h-1z", x + QUIET, y + QUIET);
	/* Codes are of letters, digits and . _ / - alone. */
	fprintf(out, "\" fill=\"#000\"/><g font-family=\"monospace\" text-anchor=\"middle\"><text x=\"%d\" y=\"%d\" font-size=\"3\">%s"
		"</text><text x=\"%d\" y=\"%d\" font-size=\"2\">%s</text></g></svg>\n", size / 2, size, code, size / 2, size + 4,
		point_code);
	return !ferror(out);
}

static void centred(cairo_t *c, const char *text, int width, int y, int height)
{
	cairo_text_extents_t t;
	cairo_set_font_size(c, height);
	cairo_text_extents(c, text, &t);
	cairo_move_to(c, (width - t.x_advance) / 2, y);
	cairo_show_text(c, text);
}

static cairo_status_t put(void *out, const unsigned char *bytes, unsigned len)
{
	return fwrite(bytes, 1, len, out) == len ? CAIRO_STATUS_SUCCESS : CAIRO_STATUS_WRITE_ERROR;
}

static bool write_png(FILE *out, const QRcode *q, const char *code, const char *point_code)
{
	int size = (q->width + 2 * QUIET) * MODULE;
	cairo_surface_t *picture = cairo_image_surface_create(CAIRO_FORMAT_RGB24, size, size + WORDS * MODULE);
	cairo_t *c = cairo_create(picture);
	cairo_set_source_rgb(c, 1, 1, 1);
	cairo_paint(c);
	cairo_set_source_rgb(c, 0, 0, 0);
	for (int y = 0; y < q->width; y++)
		for (int x = 0; x < q->width; x++)
			if (dark(q, x, y))
				cairo_rectangle(c, (x + QUIET) * MODULE, (y + QUIET) * MODULE, MODULE, MODULE);
	cairo_set_antialias(c, CAIRO_ANTIALIAS_NONE);
	cairo_fill(c);
	cairo_select_font_face(c, "monospace", CAIRO_FONT_SLANT_NORMAL, CAIRO_FONT_WEIGHT_NORMAL);
	centred(c, code, size, size, 3 * MODULE);
	centred(c, point_code, size, size + 4 * MODULE, 2 * MODULE);
	bool good = cairo_status(c) == CAIRO_STATUS_SUCCESS && cairo_surface_write_to_png_stream(picture, put, out) == CAIRO_STATUS_SUCCESS;
	cairo_destroy(c);
	cairo_surface_destroy(picture);
	return good;
}

static const struct format {
	const char *name;
	bool (*write)(FILE *out, const QRcode *q, const char *code, const char *point_code);
} formats[] = { { "svg", write_svg }, { "png", write_png } };

static const struct format *format_of(const char *name)
{
	for (size_t i = 0; i < sizeof formats / sizeof *formats; i++)
		if (!strcmp(formats[i].name, name))
			return &formats[i];
	return NULL;
}

static hub_status write_picture(const struct format *f, const char *path, const QRcode *q, const char *code, const char *point_code,
				hub_fault *fault)
{
	bool to_stdout = !strcmp(path, "-");
	FILE *out = to_stdout ? stdout : fopen(path, "w");
	bool good = out && f->write(out, q, code, point_code);
	if (out && !to_stdout)
		good = !fclose(out) && good;
	return good ? HUB_OK : hub_fault_set(fault, "file.write", f->name, "%.150s cannot be written: %s", path, strerror(errno));
}

/* To the terminal without a format. */
static hub_status show(const char *code, const char *url, const struct format *f, const char *path, const char *point_code,
		       hub_fault *fault)
{
	char text[600];
	/* Behind '#': the code is in no log of a server. */
	snprintf(text, sizeof text, "%s%s%s", url ? url : "", url ? "/#bind=" : "", code);
	QRcode *q = QRcode_encodeString8bit(text, 0, QR_ECLEVEL_M);
	if (!q)
		return HUB_NOMEM;
	hub_status st = f ? write_picture(f, path, q, code, point_code, fault) : HUB_OK;
	if (!f)
		print_terminal(q);
	QRcode_free(q);
	if (st == HUB_OK)
		fprintf(f && !strcmp(path, "-") ? stderr : stdout, "%s\n", code);
	return st;
}

int ctl_point_code(ctl *c, int argc, char **argv)
{
	arena a;
	int bad = 0;
	int64_t id;
	uint64_t days;
	char code[POINT_CODE_TEXT];
	hub_fault fault = { 0 };
	const char *url = ctl_take(&argc, argv, "url", 1, &bad), *format = ctl_take(&argc, argv, "format", 1, &bad);
	const char *file = ctl_take(&argc, argv, "file", 1, &bad);
	const char *for_days = ctl_take(&argc, argv, "days", 1, &bad);
	if (bad || ctl_leftover("point code", argc, argv) || argc != 2)
		return ctl_usage("point code");
	const struct format *f = format ? format_of(format) : NULL;
	if ((format && !f) || (file && !f))
		return ctl_usage("point code");
	hub_time now = clock_now();
	arena_init(&a, 0);
	hub_status st = word_number(for_days, CODE_DAYS, &days, &fault);
	if (st == HUB_OK && (days < 1 || days > CODE_DAYS_MAX))
		st = hub_fault_set(&fault, "binding.days", "days", "a code holds 1 to %d days", CODE_DAYS_MAX);
	if (st == HUB_OK && url && (strncmp(url, "https://", 8) || strlen(url) > 500))
		st = hub_fault_set(&fault, "binding.url", "url", "the portal's address is https://… without a path");
	if (st == HUB_OK)
		st = word_point(c->db, argv[1], &a, &id, &fault);
	if (st == HUB_OK)
		st = point_code_new(c->db, id, now, now + (int64_t)days * DAY, code);
	if (st == HUB_OK)
		st = show(code, url, f, file ? file : "-", argv[1], &fault);
	arena_fini(&a);
	return st == HUB_OK ? CTL_OK : ctl_fail("point code", st, &fault);
}
