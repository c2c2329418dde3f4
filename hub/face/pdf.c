#include "face/pdf.h"

#include <cairo-pdf.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "face/pen.h"
#include "face/sheets.h"
#include "face/words.h"

#define FONT "Noto Sans CJK SC"

#ifdef HUB_SANITIZED
/* The font libraries keep their tables until the process ends. Visible, or the sanitizer's library does not find it. */
__attribute__((visibility("default"))) const char *__lsan_default_suppressions(void);
const char *__lsan_default_suppressions(void)
{
	return "leak:libfontconfig\nleak:libcairo\nleak:libpango\nleak:libglib\nleak:libharfbuzz\nleak:libfreetype\n";
}

/* They start threads of their own and order them by means that the sanitizer does not see. */
__attribute__((visibility("default"))) const char *__tsan_default_suppressions(void);
const char *__tsan_default_suppressions(void)
{
	return "called_from_lib:libfontconfig.so\ncalled_from_lib:libpango-1.0.so\ncalled_from_lib:libpangoft2-1.0.so\ncalled_from_lib:libpangocairo-1.0.so\ncalled_from_lib:libcairo.so\n"
	       "called_from_lib:libglib-2.0.so\ncalled_from_lib:libharfbuzz.so\ncalled_from_lib:libfreetype.so\n";
}
#endif

static cairo_status_t keep(void *user, const unsigned char *bytes, unsigned len)
{
	buf *out = user;
	if (out)
		buf_put(out, bytes, len);
	return !out || !out->bad ? CAIRO_STATUS_SUCCESS : CAIRO_STATUS_NO_MEMORY;
}

static void about(cairo_surface_t *s, const face_bill *b)
{
	char text[WORDS_CLEAN + 80], account[WORDS_CLEAN], cycle[WORDS_SIZE], issued[CLOCK_TEXT];
	snprintf(text, sizeof text, "公共事业统一账单 Unified utility bill %s %s", words_cycle(b->cycle, cycle),
		 words_clean(b->account, account, sizeof account));
	clock_text(b->issued / 1000000 * 1000000, issued);
	cairo_pdf_surface_set_metadata(s, CAIRO_PDF_METADATA_TITLE, text);
	cairo_pdf_surface_set_metadata(s, CAIRO_PDF_METADATA_CREATOR, "Utility Hub");
	cairo_pdf_surface_set_metadata(s, CAIRO_PDF_METADATA_CREATE_DATE, issued);
	cairo_pdf_surface_set_metadata(s, CAIRO_PDF_METADATA_MOD_DATE, issued);
}

static void draw(pen *p)
{
	p->page = 1;
	p->y = PEN_TOP;
	sheet_front(p);
	sheet_changes(p);
	sheet_beside(p);
	for (size_t i = 0; i < p->bill->part_count; i++)
		sheet_part(p, &p->bill->parts[i]);
	pen_page(p);
}

static hub_status pass(const face_bill *b, buf *out, int *pages, PangoFontMap *map)
{
	cairo_surface_t *s = cairo_pdf_surface_create_for_stream(keep, out, PEN_WIDTH, PEN_HEIGHT);
	about(s, b);
	cairo_t *cr = cairo_create(s);
	PangoContext *context = pango_font_map_create_context(map);
	pango_context_set_language(context, pango_language_from_string("zh-cn"));
	pango_context_set_base_dir(context, PANGO_DIRECTION_LTR);
	pango_context_set_round_glyph_positions(context, FALSE);
	cairo_font_options_t *options = cairo_font_options_create();
	cairo_font_options_set_hint_style(options, CAIRO_HINT_STYLE_NONE);
	cairo_font_options_set_hint_metrics(options, CAIRO_HINT_METRICS_OFF);
	pango_cairo_context_set_font_options(context, options);
	cairo_font_options_destroy(options);
	pen p = { .cr = cr, .layout = pango_layout_new(context), .font = pango_font_description_from_string(FONT), .bill = b,
		  .pages = *pages };
	pango_layout_set_auto_dir(p.layout, FALSE);
	pango_layout_set_single_paragraph_mode(p.layout, TRUE);
	draw(&p);
	*pages = p.page - 1;
	cairo_surface_finish(s);
	cairo_status_t st = cairo_status(cr);
	if (st == CAIRO_STATUS_SUCCESS)
		st = cairo_surface_status(s);
	g_object_unref(p.layout);
	pango_font_description_free(p.font);
	g_object_unref(context);
	cairo_destroy(cr);
	cairo_surface_destroy(s);
	return st == CAIRO_STATUS_SUCCESS ? HUB_OK : st == CAIRO_STATUS_NO_MEMORY ? HUB_NOMEM : HUB_FAILED;
}

static bool has_font(PangoFontMap *map)
{
	PangoFontFamily **list;
	int count;
	bool found = false;
	pango_font_map_list_families(map, &list, &count);
	for (int i = 0; i < count && !found; i++)
		found = !strcmp(pango_font_family_get_name(list[i]), FONT);
	g_free(list);
	return found;
}

hub_status face_pdf(const face_bill *b, buf *out, int *ret_pages, hub_fault *fault)
{
	int pages = 0;
	/* The thread's own: callers on several threads share nothing. */
	PangoFontMap *map = pango_cairo_font_map_get_default();
	hub_status st = HUB_OK;
	if (!has_font(map)) {
		hub_fault_set(fault, "bill.font", "", "the font '" FONT "' is not installed; apt-get install fonts-noto-cjk");
		st = HUB_FAILED;
	}
	if (st == HUB_OK)
		st = pass(b, NULL, &pages, map);
	if (st == HUB_OK)
		st = pass(b, out, &pages, map);
	if (st == HUB_OK && ret_pages)
		*ret_pages = pages;
	return st == HUB_OK && out->bad ? HUB_NOMEM : st;
}
