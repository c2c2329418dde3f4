#include "stream.h"

#include <openssl/err.h>
#include <string.h>
#include <sys/socket.h>

enum { CHUNK = 64 * 1024, ENDING = 16 * 1024 };

/* One thread, and libuv hands a buffer over before it asks for the next. */
static char incoming[CHUNK];

static void on_alloc(uv_handle_t *handle, size_t suggested, uv_buf_t *ret)
{
	(void)handle;
	(void)suggested;
	*ret = uv_buf_init(incoming, sizeof incoming);
}

static void on_read(uv_stream_t *tcp, ssize_t n, const uv_buf_t *b);

static void on_closed(uv_handle_t *handle)
{
	stream *s = handle->data;
	SSL_free(s->ssl);
	buf_fini(&s->out);
	buf_fini(&s->wire);
	s->on_free(s);
}

void stream_close(stream *s)
{
	if (s->closing)
		return;
	s->closing = true;
	uv_close((uv_handle_t *)&s->tcp, on_closed);
}

/* All is written: a goodbye, and the end. */
static void settle(stream *s)
{
	uv_os_fd_t fd;
	if (!s->finished || s->writing || s->out.len || s->closing)
		return;
	if (!s->shut) {
		s->shut = true;
		if (s->ssl)
			SSL_shutdown(s->ssl);
		ERR_clear_error();
		if (!stream_flush(s))
			stream_close(s);
		else
			settle(s);
	} else if (s->linger && uv_fileno((uv_handle_t *)&s->tcp, &fd) == 0) {
		shutdown(fd, SHUT_WR);
		stream_pause(s, false);
	} else {
		stream_close(s);
	}
}

static void on_written(uv_write_t *write, int status)
{
	stream *s = write->data;
	s->writing = false;
	buf_fini(&s->wire); /* idle connections hold no buffers */
	if (status < 0)
		stream_close(s);
	else if (!s->closing && !stream_flush(s))
		stream_close(s);
	else
		settle(s);
	if (s->on_drained && !s->closing && !s->writing)
		s->on_drained(s);
}

size_t stream_waiting(const stream *s)
{
	return s->out.len + s->wire.len;
}

/* What TLS has made of it, into `wire`. */
static bool seal(stream *s)
{
	while (s->out.len) {
		int n = SSL_write(s->ssl, s->out.bytes, (int)(s->out.len > CHUNK ? CHUNK : s->out.len));
		if (n <= 0) {
			int why = SSL_get_error(s->ssl, n);
			ERR_clear_error();
			if (why != SSL_ERROR_WANT_READ && why != SSL_ERROR_WANT_WRITE)
				return false;
			break;
		}
		buf_drop(&s->out, (size_t)n);
	}
	for (size_t left; (left = BIO_ctrl_pending(s->to)) > 0;) {
		uint8_t *room = buf_room(&s->wire, left);
		int n = room ? BIO_read(s->to, room, (int)left) : -1;
		if (n <= 0)
			return false;
		buf_took(&s->wire, (size_t)n);
	}
	return true;
}

bool stream_flush(stream *s)
{
	if (s->closing || s->writing)
		return s->out.len <= STREAM_OUT_MAX && !s->out.bad;
	if (s->ssl && !seal(s))
		return false;
	if (!s->ssl && s->out.len) {
		buf plain = s->wire;
		s->wire = s->out;
		s->out = plain;
		s->out.len = 0;
	}
	if (!s->wire.len)
		return !s->out.bad && s->out.len <= STREAM_OUT_MAX;
	uv_buf_t b = uv_buf_init((char *)s->wire.bytes, (unsigned)s->wire.len);
	int n = uv_try_write((uv_stream_t *)&s->tcp, &b, 1);
	if (n < 0 && n != UV_EAGAIN)
		return false;
	buf_drop(&s->wire, n > 0 ? (size_t)n : 0);
	if (!s->wire.len) {
		buf_fini(&s->wire);
		buf_fini(&s->out);
		settle(s);
		return true;
	}
	b = uv_buf_init((char *)s->wire.bytes, (unsigned)s->wire.len);
	s->write.data = s;
	s->writing = uv_write(&s->write, (uv_stream_t *)&s->tcp, &b, 1, on_written) == 0;
	return s->writing;
}

void stream_pause(stream *s, bool paused)
{
	if (s->closing)
		return;
	if (paused)
		uv_read_stop((uv_stream_t *)&s->tcp);
	else
		uv_read_start((uv_stream_t *)&s->tcp, on_alloc, on_read);
}

void stream_finish(stream *s)
{
	s->finished = true;
	if (!stream_flush(s))
		stream_close(s);
	else
		settle(s);
}

static void unseal(stream *s, const char *bytes, size_t len)
{
	uint8_t plain[ENDING];
	if (BIO_write(s->from, bytes, (int)len) != (int)len) {
		s->on_bytes(s, NULL, 0);
		return;
	}
	for (;;) {
		int n = SSL_read(s->ssl, plain, sizeof plain);
		if (n > 0) {
			s->on_bytes(s, plain, (size_t)n);
			if (s->closing || s->finished)
				return;
			continue;
		}
		int why = SSL_get_error(s->ssl, n);
		ERR_clear_error();
		bool more = why == SSL_ERROR_WANT_READ || why == SSL_ERROR_WANT_WRITE;
		/* The handshake, or an alert that says what was wrong, goes out in either case. */
		bool flushed = stream_flush(s);
		if (!more || !flushed)
			s->on_bytes(s, NULL, 0);
		return;
	}
}

static void on_read(uv_stream_t *tcp, ssize_t n, const uv_buf_t *b)
{
	stream *s = tcp->data;
	if (s->closing || n == 0)
		return;
	if (n < 0 || s->finished) {
		if (n < 0)
			s->on_bytes(s, NULL, 0);
		return;
	}
	if (s->ssl)
		unseal(s, b->base, (size_t)n);
	else
		s->on_bytes(s, (const uint8_t *)b->base, (size_t)n);
}

static bool encrypt(stream *s, SSL_CTX *ctx)
{
	s->ssl = SSL_new(ctx);
	s->from = BIO_new(BIO_s_mem());
	s->to = BIO_new(BIO_s_mem());
	if (!s->ssl || !s->from || !s->to)
		return false;
	SSL_set_bio(s->ssl, s->from, s->to);
	SSL_set_accept_state(s->ssl);
	return true;
}

bool stream_accept(stream *s, uv_stream_t *listener, SSL_CTX *ctx)
{
	uv_tcp_init(listener->loop, &s->tcp);
	s->tcp.data = s;
	if (uv_accept(listener, (uv_stream_t *)&s->tcp) != 0)
		return false;
	uv_tcp_nodelay(&s->tcp, 1);
	return (!ctx || encrypt(s, ctx)) && uv_read_start((uv_stream_t *)&s->tcp, on_alloc, on_read) == 0;
}

hub_status stream_peer(const stream *s, arena *a, const uint8_t **ret, size_t *ret_len)
{
	return tls_peer(s->ssl, a, ret, ret_len);
}
