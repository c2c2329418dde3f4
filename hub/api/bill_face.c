#include "api/bill_face.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "api/compare.h"
#include "api/message_right.h"
#include "compare/show.h"

static const struct {
	const char *ending, *media;
	bills_format format;
} forms[] = { { ".pdf", "application/pdf", BILLS_PDF },
	      { ".xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", BILLS_XLSX },
	      { ".csv", "text/csv", BILLS_CSV } };
enum { FORMS = sizeof forms / sizeof *forms };

/* Whether an item of Accept, len bytes long, is this media type and not refused. */
static bool accepts(const char *item, size_t len, const char *media)
{
	char text[128];
	snprintf(text, sizeof text, "%.*s", (int)len, item);
	char *more = strchr(text, ';');
	const char *q = more ? strstr(more, "q=0") : NULL;
	if (q && !q[3 + strspn(q + 3, ".0 ")])
		return false;
	size_t n = strcspn(text, "; ");
	return n == strlen(media) && !strncasecmp(text, media, n);
}

static bool by_accept(const char *list, bills_format *ret)
{
	while (*list) {
		list += strspn(list, ", \t");
		size_t len = strcspn(list, ",");
		if (accepts(list, len, "application/json") || accepts(list, len, "*/*"))
			return false;
		for (size_t i = 0; i < FORMS; i++)
			if (accepts(list, len, forms[i].media)) {
				*ret = forms[i].format;
				return true;
			}
		list += len;
	}
	return false;
}

bool bill_face_asked(request *r, const char *id, const char **ret_id, bills_format *ret)
{
	size_t len = strlen(id);
	*ret_id = id;
	for (size_t i = 0; i < FORMS; i++) {
		size_t n = strlen(forms[i].ending);
		if (len > n && !strcmp(id + len - n, forms[i].ending)) {
			*ret = forms[i].format;
			*ret_id = arena_strndup(r->arena, id, len - n);
			return *ret_id != NULL;
		}
	}
	const char *accept = request_header(r, "accept");
	return accept && by_accept(accept, ret);
}

/* One part of the bytes; the token says where the next begins and of which bytes. */
static hub_status slice(request *r, const uint8_t *bytes, size_t len, const char *media, const char *tag)
{
	const char *token = r->call->continuation;
	char *end = NULL;
	size_t from = token && *token ? strtoull(token, &end, 10) : 0;
	if (end && (from >= len || *end != ' ' || strcmp(end + 1, tag)))
		return request_refuse(r, 409, "bill.changed", "", "the bill changed while it was read; ask again");
	size_t n = len - from > REQUEST_PART ? REQUEST_PART : len - from;
	const char *next = from + n < len ? arena_printf(r->arena, "%zu %s", from + n, tag) : "";
	*r->reply = (wire_reply){ .status = 200, .content_type = media, .body = bytes + from, .body_len = n, .continuation = next };
	return next ? HUB_OK : HUB_NOMEM;
}

hub_status bill_face_get(request *r, const billing_account *account, const bill_row *row, int64_t only_party,
			 bills_format format)
{
	bills *b = NULL;
	hub_fault fault = { 0 };
	/* The payment code is an order with a provider: made only for who may order. */
	const bool whole = format == BILLS_PDF && !only_party;
	const message_facts m = { .kind = "payment_order", .commodity = "", .sender = r->caller.code, .genuine = true };
	bills_paper paper = { .order = false };
	bool beside = false;
	hub_status st = whole ? message_right(r, "send", &m, &paper.order) : HUB_OK;
	if (st == HUB_OK && whole)
		st = account_message(r, account, "comparison", &beside);
	if (st == HUB_OK && whole)
		st = request_as_core(r);
	if (st == HUB_OK && beside)
		st = compare_face(r->db, row->account, row->cycle, row->revision, r->arena, &paper.beside, &paper.beside_count);
	if (st == HUB_OK)
		st = bills_new(r->db, &b);
	buf_clear(&r->body);
	if (st == HUB_OK)
		st = bills_face_write(b, account, row, only_party, format, &paper, r->arena, &r->body, &fault);
	bills_free(b);
	if (st == HUB_REJECT || (st == HUB_FAILED && fault.code))
		return request_problem(r, st == HUB_REJECT ? 422 : 500, &fault);
	if (st != HUB_OK)
		return st;
	uint8_t *bytes = arena_memdup(r->arena, r->body.bytes, r->body.len);
	const char *tag = bytes ? request_tag(r, bytes, r->body.len) : NULL;
	const char *name = tag ? arena_printf(r->arena, "inline; filename=\"bill-%d-%d%s\"", row->cycle, row->revision,
					      forms[format].ending) : NULL;
	st = name ? slice(r, bytes, r->body.len, bills_format_media(format), tag) : HUB_NOMEM;
	if (st == HUB_OK)
		st = request_add_header(r, "content-disposition", name);
	if (st == HUB_OK)
		st = request_add_header(r, "etag", tag);
	return st == HUB_OK ? request_add_header(r, "vary", "accept") : st;
}
