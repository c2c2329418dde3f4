#include "h2.h"

#include <nghttp2/nghttp2.h>
#include <stdlib.h>
#include <string.h>

#include "answer_head.h"
#include "base/clock.h"
#include "base/fail.h"
#include "request_head.h"

enum {
	STREAMS = 100,		/* at once */
	HEAD_MAX = 16 * 1024,	/* of a request */
	ANSWER_HEAD = 8 * 1024, /* of ours */
	HIGH = 128 * 1024,	/* of an answer's body kept here: read no more */
	LOW = 32 * 1024,
	RESETS = 200, /* by the client, when they are most of what it does */
};

/* One stream and its leg. */
typedef struct passage {
	leg leg; /* first */
	h2 *of;	 /* NULL: the stream has ended, only the leg has not */
	struct passage *next, *prev;
	int32_t id;
	request_head request;
	buf answer;					      /* the head, then what of the body waits */
	size_t given;					      /* of `answer`, to nghttp2 */
	uint64_t taken;					      /* of the request's body, to the leg */
	size_t left;					      /* of the answer's body, still to be given */
	bool entered, headless, answered, ended, reset, gone; /* gone: the leg */
	int64_t deadline;
} passage;

struct h2 {
	nghttp2_session *session;
	uv_loop_t *loop;
	const h2_calls *calls;
	void *user;
	h2_times times;
	passage *all;
	size_t open, resets, begun;
	int64_t idle_until;
	bool flushing;
};

static void reset(passage *p, uint32_t why)
{
	if (!p->reset && p->of)
		nghttp2_submit_rst_stream(p->of->session, NGHTTP2_FLAG_NONE, p->id, why);
	p->reset = true;
}

static void on_leg_free(leg *l)
{
	passage *p = (passage *)l;
	p->gone = true;
	if (p->of)
		return; /* the stream is not over yet */
	request_head_fini(&p->request);
	buf_fini(&p->answer);
	free(p);
}

/* The stream is over; the leg, if it was opened, frees the memory. */
static void part(passage *p)
{
	h2 *c = p->of;
	*(p->prev ? &p->prev->next : &c->all) = p->next;
	if (p->next)
		p->next->prev = p->prev;
	p->of = NULL;
	c->open--;
	if (!c->open)
		c->idle_until = clock_monotonic() + c->times.header;
	if (p->entered && !p->gone)
		leg_close(&p->leg);
	else
		on_leg_free(&p->leg);
}

static ssize_t give(nghttp2_session *session, int32_t id, uint8_t *out, size_t max, uint32_t *flags,
		    nghttp2_data_source *source, void *user)
{
	passage *p = source->ptr;
	size_t n = p->answer.len - p->given;
	(void)session, (void)id, (void)user;
	n = n < max ? n : max;
	n = n < p->left ? n : p->left;
	memcpy(out, p->answer.bytes + p->given, n);
	p->given += n;
	p->left -= n;
	if (!p->left)
		*flags |= NGHTTP2_DATA_FLAG_EOF;
	else if (!n)
		return p->ended ? NGHTTP2_ERR_TEMPORAL_CALLBACK_FAILURE : NGHTTP2_ERR_DEFERRED;
	if (p->answer.len - p->given < LOW)
		leg_pause(&p->leg, false);
	return (ssize_t)n;
}

static nghttp2_nv pair(const char *name, size_t name_len, const char *value, size_t value_len)
{
	return (nghttp2_nv) { (uint8_t *)(uintptr_t)name, (uint8_t *)(uintptr_t)value, name_len, value_len,
			      NGHTTP2_NV_FLAG_NONE };
}

/* False: what came is no answer. */
static bool respond(passage *p)
{
	answer_head h;
	nghttp2_nv fields[ANSWER_FIELDS + 1];
	int rc = answer_head_read((char *)p->answer.bytes, p->answer.len, &h);
	if (rc == 0)
		return p->answer.len <= ANSWER_HEAD;
	if (rc < 0)
		return false;
	fields[0] = pair(":status", 7, h.status, 3);
	for (size_t i = 0; i < h.count; i++)
		fields[i + 1] = pair(h.fields[i].name, h.fields[i].name_len, h.fields[i].value, h.fields[i].value_len);
	bool bodiless = p->headless || !strcmp(h.status, "304") || !strcmp(h.status, "204") || h.length == 0;
	/* We always say how long a body is; if not, the end of the leg would not tell a whole one from half of one. */
	if (!bodiless && h.length == SIZE_MAX)
		return false;
	p->left = bodiless ? 0 : h.length;
	p->given = h.size;
	p->answered = true;
	const nghttp2_data_provider body = { { .ptr = p }, give };
	return nghttp2_submit_response(p->of->session, p->id, fields, h.count + 1, bodiless ? NULL : &body) == 0;
}

static void on_answer(leg *l, const uint8_t *bytes, size_t len)
{
	passage *p = (passage *)l;
	h2 *c = p->of;
	if (!c)
		return;
	if (len == 0) {
		p->ended = true;
		p->deadline = clock_monotonic() + c->times.body;
		if (!p->answered)
			reset(p, NGHTTP2_INTERNAL_ERROR);
	} else {
		if (p->answered && p->given) {
			buf_drop(&p->answer, p->given);
			p->given = 0;
		}
		buf_put(&p->answer, bytes, len);
		if (p->answer.bad || (!p->answered && !respond(p)))
			reset(p, NGHTTP2_INTERNAL_ERROR);
		else if (p->answer.len > HIGH)
			leg_pause(l, true);
	}
	if (p->answered)
		nghttp2_session_resume_data(c->session, p->id);
	h2_flush(c);
}

/* What the leg has taken, the client may send again. */
static void on_taken(leg *l, size_t len)
{
	passage *p = (passage *)l;
	if (!p->of || !p->taken)
		return;
	nghttp2_session_consume(p->of->session, p->id, len);
	h2_flush(p->of);
}

static int on_begin(nghttp2_session *session, const nghttp2_frame *frame, void *user)
{
	h2 *c = user;
	if (frame->hd.type != NGHTTP2_HEADERS || frame->headers.cat != NGHTTP2_HCAT_REQUEST)
		return 0;
	passage *p = fail_calloc(1, sizeof *p);
	if (!p)
		return NGHTTP2_ERR_TEMPORAL_CALLBACK_FAILURE;
	p->of = c;
	p->id = frame->hd.stream_id;
	p->leg.on_bytes = on_answer;
	p->leg.on_taken = on_taken;
	p->leg.on_free = on_leg_free;
	p->deadline = clock_monotonic() + c->times.header;
	p->next = c->all;
	if (c->all)
		c->all->prev = p;
	c->all = p;
	c->open++;
	c->begun++;
	nghttp2_session_set_stream_user_data(session, p->id, p);
	return 0;
}

static int on_header(nghttp2_session *session, const nghttp2_frame *frame, const uint8_t *name, size_t name_len,
		     const uint8_t *value, size_t value_len, uint8_t flags, void *user)
{
	passage *p = nghttp2_session_get_stream_user_data(session, frame->hd.stream_id);
	(void)flags, (void)user;
	if (!p || p->entered || frame->hd.type != NGHTTP2_HEADERS) /* trailers say nothing here */
		return 0;
	request_head_add(&p->request, (const char *)name, name_len, (const char *)value, value_len);
	if (p->request.size > HEAD_MAX)
		return NGHTTP2_ERR_TEMPORAL_CALLBACK_FAILURE;
	return 0;
}

static void refuse(passage *p, const char *status)
{
	const nghttp2_nv fields[] = { pair(":status", 7, status, 3), pair("content-length", 14, "0", 1) };
	nghttp2_submit_response(p->of->session, p->id, fields, 2, NULL);
}

static void enter(passage *p)
{
	h2 *c = p->of;
	int other;
	buf head = { 0 };
	if (!request_head_write(&p->request, &head)) {
		refuse(p, "400");
	} else {
		p->headless = p->request.method.len == 4 && !memcmp(p->request.method.bytes, "HEAD", 4);
		p->entered = true;
		if (!leg_open(&p->leg, c->loop, &other) || !c->calls->enter(c->user, other) ||
		    !leg_write(&p->leg, head.bytes, head.len))
			reset(p, NGHTTP2_REFUSED_STREAM);
	}
	buf_fini(&head);
	buf_fini(&p->request.fields);
}

static int on_frame(nghttp2_session *session, const nghttp2_frame *frame, void *user)
{
	h2 *c = user;
	if (frame->hd.type == NGHTTP2_RST_STREAM && ++c->resets > RESETS && c->resets * 2 > c->begun)
		nghttp2_session_terminate_session(session, NGHTTP2_ENHANCE_YOUR_CALM);
	if (frame->hd.type != NGHTTP2_HEADERS || frame->headers.cat != NGHTTP2_HCAT_REQUEST)
		return 0;
	passage *p = nghttp2_session_get_stream_user_data(session, frame->hd.stream_id);
	if (p && !p->entered)
		enter(p);
	return 0;
}

/* No more than the length that was said: what is not a body would be read as another request. */
static int on_data(nghttp2_session *session, uint8_t flags, int32_t id, const uint8_t *bytes, size_t len, void *user)
{
	passage *p = nghttp2_session_get_stream_user_data(session, id);
	(void)flags, (void)user;
	bool wanted = p && p->entered && p->request.framed && p->taken + len <= p->request.length;
	if (wanted && leg_write(&p->leg, bytes, len))
		p->taken += len;
	else
		nghttp2_session_consume(session, id, len);
	return 0;
}

/* An answer that came before the whole request: the rest is not wanted (RFC 9113, 8.1). */
static int on_sent(nghttp2_session *session, const nghttp2_frame *frame, void *user)
{
	int32_t id = frame->hd.stream_id;
	(void)user;
	if (frame->hd.type <= NGHTTP2_HEADERS && (frame->hd.flags & NGHTTP2_FLAG_END_STREAM) &&
	    nghttp2_session_get_stream_remote_close(session, id) == 0)
		nghttp2_submit_rst_stream(session, NGHTTP2_FLAG_NONE, id, NGHTTP2_NO_ERROR);
	return 0;
}

static int on_end(nghttp2_session *session, int32_t id, uint32_t why, void *user)
{
	passage *p = nghttp2_session_get_stream_user_data(session, id);
	(void)why, (void)user;
	if (p) {
		nghttp2_session_set_stream_user_data(session, id, NULL);
		part(p);
	}
	return 0;
}

static bool make(h2 *c)
{
	static const nghttp2_settings_entry settings[] = {
		{ NGHTTP2_SETTINGS_MAX_CONCURRENT_STREAMS, STREAMS },
		{ NGHTTP2_SETTINGS_MAX_HEADER_LIST_SIZE, HEAD_MAX },
		{ NGHTTP2_SETTINGS_ENABLE_CONNECT_PROTOCOL, 0 },
	};
	nghttp2_session_callbacks *calls = NULL;
	nghttp2_option *option = NULL;
	if (nghttp2_session_callbacks_new(&calls) || nghttp2_option_new(&option)) {
		nghttp2_session_callbacks_del(calls);
		return false;
	}
	nghttp2_session_callbacks_set_on_begin_headers_callback(calls, on_begin);
	nghttp2_session_callbacks_set_on_header_callback(calls, on_header);
	nghttp2_session_callbacks_set_on_frame_recv_callback(calls, on_frame);
	nghttp2_session_callbacks_set_on_data_chunk_recv_callback(calls, on_data);
	nghttp2_session_callbacks_set_on_frame_send_callback(calls, on_sent);
	nghttp2_session_callbacks_set_on_stream_close_callback(calls, on_end);
	nghttp2_option_set_no_auto_window_update(option, 1);
	nghttp2_option_set_max_send_header_block_length(option, 64 * 1024);
	int rc = nghttp2_session_server_new2(&c->session, calls, c, option);
	if (!rc)
		rc = nghttp2_submit_settings(c->session, NGHTTP2_FLAG_NONE, settings,
					     sizeof settings / sizeof settings[0]);
	nghttp2_option_del(option);
	nghttp2_session_callbacks_del(calls);
	return rc == 0;
}

h2 *h2_new(uv_loop_t *loop, const h2_calls *calls, void *user, h2_times times, int64_t now)
{
	h2 *c = fail_calloc(1, sizeof *c);
	if (!c)
		return NULL;
	*c = (h2) { .loop = loop, .calls = calls, .user = user, .times = times, .idle_until = now + times.header };
	if (make(c))
		return c;
	h2_free(c);
	return NULL;
}

void h2_free(h2 *c)
{
	if (!c)
		return;
	while (c->all)
		part(c->all);
	nghttp2_session_del(c->session);
	free(c);
}

bool h2_heard(h2 *c, const uint8_t *bytes, size_t len)
{
	ssize_t n = nghttp2_session_mem_recv(c->session, bytes, len);
	h2_flush(c);
	return n == (ssize_t)len && (nghttp2_session_want_read(c->session) || nghttp2_session_want_write(c->session));
}

/* Callbacks of what is sent here may come back to us. */
void h2_flush(h2 *c)
{
	const uint8_t *bytes;
	ssize_t n;
	if (c->flushing)
		return;
	c->flushing = true;
	while (c->calls->may_send(c->user) && (n = nghttp2_session_mem_send(c->session, &bytes)) > 0)
		c->calls->send(c->user, bytes, (size_t)n);
	c->calls->flush(c->user);
	c->flushing = false;
}

bool h2_tick(h2 *c, int64_t now)
{
	for (passage *p = c->all; p; p = p->next)
		if ((!p->entered || p->ended) && now >= p->deadline)
			reset(p, NGHTTP2_CANCEL);
	if (!c->open && now >= c->idle_until)
		nghttp2_session_terminate_session(c->session, NGHTTP2_NO_ERROR);
	h2_flush(c);
	return nghttp2_session_want_read(c->session) || nghttp2_session_want_write(c->session);
}
