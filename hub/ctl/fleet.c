#include "ctl/fleet.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/clock.h"

enum { AT_ONCE = 256, EVENTS = 512, CHUNK = 4096, PATIENCE = 120000000, READ_MAX = 8192 };

typedef enum phase { CONNECTING, SHAKING, ASKING, OPEN } phase;

typedef struct pole {
	int fd;
	phase phase;
	SSL *ssl;
	buf in;
	uint32_t sent; /* calls */
} pole;

struct fleet {
	int epoll, port;
	SSL_CTX *ctx;
	size_t count, opened, begun;
	uint64_t answers, obeyed;
	int64_t last;
	bool beating, failed;
	pole *poles;
};

static hub_status failed(hub_fault *fault, const char *what)
{
	hub_fault_set(fault, "bench.fleet", "", "%s", what);
	return HUB_FAILED;
}

static bool put(pole *p, const void *bytes, size_t len)
{
	int n = p->ssl ? SSL_write(p->ssl, bytes, (int)len) : (int)send(p->fd, bytes, len, MSG_NOSIGNAL);
	return n == (int)len;
}

/* The mask may be anything; this one changes nothing. */
static bool say(pole *p, const char *text, size_t len)
{
	uint8_t frame[512];
	size_t head = len < 126 ? 6 : 8;
	if (len + head > sizeof frame)
		return false;
	memset(frame, 0, head);
	frame[0] = 0x81;
	frame[1] = (uint8_t)(0x80 | (len < 126 ? len : 126));
	if (len >= 126) {
		frame[2] = (uint8_t)(len >> 8);
		frame[3] = (uint8_t)len;
	}
	memcpy(frame + head, text, len);
	return put(p, frame, head + len);
}

static bool beat(pole *p)
{
	char text[64];
	int n = snprintf(text, sizeof text, "[2,\"%u\",\"Heartbeat\",{}]", ++p->sent);
	return say(p, text, (size_t)n);
}

static bool ask(fleet *f, pole *p)
{
	char text[400];
	int n = snprintf(text, sizeof text,
			 "GET /ocpp/B%zu HTTP/1.1\r\nHost: bench\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
			 "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Protocol: "
			 "ocpp1.6\r\nSec-WebSocket-Version: 13\r\n\r\n",
			 (size_t)(p - f->poles));
	p->phase = ASKING;
	return put(p, text, (size_t)n);
}

/* [2,"id",…]: answered; [3,…]: counted. */
static bool heard(fleet *f, pole *p, const char *text, size_t len)
{
	if (len > 4 && text[1] == '3') {
		f->answers++;
		return !f->beating || beat(p);
	}
	const char *id = memchr(text, '"', len), *end = id ? memchr(id + 1, '"', len - (size_t)(id + 1 - text)) : NULL;
	char answer[128];
	if (!end)
		return false;
	int n = snprintf(answer, sizeof answer, "[3,%.*s,{\"status\":\"Accepted\"}]", (int)(end + 1 - id), id);
	f->obeyed++;
	f->last = clock_monotonic();
	return say(p, answer, (size_t)n);
}

static bool frames(fleet *f, pole *p)
{
	size_t at = 0;
	bool good = true;
	while (good && p->in.len - at >= 2) {
		const uint8_t *b = p->in.bytes + at;
		size_t head = 2, len = b[1] & 0x7f;
		if (len == 126 && p->in.len - at >= 4) {
			len = (size_t)(b[2] << 8 | b[3]);
			head = 4;
		}
		if (p->in.len - at < head + len || (head == 2 && len > 125))
			break;
		if ((b[0] & 0x0f) == 1)
			good = heard(f, p, (const char *)b + head, len);
		else if ((b[0] & 0x0f) == 8)
			good = false;
		at += head + len;
	}
	buf_drop(&p->in, at);
	return good;
}

static bool opened(fleet *f, pole *p)
{
	const uint8_t *end = memmem(p->in.bytes, p->in.len, "\r\n\r\n", 4);
	if (!end)
		return true;
	if (memcmp(p->in.bytes, "HTTP/1.1 101", 12) != 0)
		return false;
	buf_drop(&p->in, (size_t)(end - p->in.bytes) + 4);
	p->phase = OPEN;
	f->opened++;
	return true;
}

static bool receive(fleet *f, pole *p)
{
	for (;;) {
		uint8_t *room = buf_room(&p->in, CHUNK);
		int n = !room ? -1 : p->ssl ? SSL_read(p->ssl, room, CHUNK) : (int)recv(p->fd, room, CHUNK, 0);
		if (n <= 0) {
			bool later =
			    p->ssl ? SSL_get_error(p->ssl, n) == SSL_ERROR_WANT_READ : n < 0 && errno == EAGAIN;
			ERR_clear_error();
			return later;
		}
		buf_took(&p->in, (size_t)n);
		bool good = p->phase == ASKING ? opened(f, p) : true;
		if (good && p->phase == OPEN)
			good = frames(f, p);
		if (!good || p->in.len > READ_MAX)
			return false;
		if (!p->ssl && n < CHUNK)
			return true;
	}
}

static bool shake(fleet *f, pole *p)
{
	int n = SSL_connect(p->ssl);
	int why = n == 1 ? 0 : SSL_get_error(p->ssl, n);
	ERR_clear_error();
	if (n == 1)
		return ask(f, p);
	return why == SSL_ERROR_WANT_READ || why == SSL_ERROR_WANT_WRITE;
}

static bool on_event(fleet *f, pole *p)
{
	if (p->phase == CONNECTING) {
		struct epoll_event e = { .events = EPOLLIN, .data.ptr = p };
		epoll_ctl(f->epoll, EPOLL_CTL_MOD, p->fd, &e);
		if (!f->ctx)
			return ask(f, p);
		p->phase = SHAKING;
		p->ssl = SSL_new(f->ctx);
		if (!p->ssl || SSL_set_fd(p->ssl, p->fd) != 1)
			return false;
		SSL_set_connect_state(p->ssl);
	}
	return p->phase == SHAKING ? shake(f, p) : receive(f, p);
}

static void turn(fleet *f, int wait)
{
	struct epoll_event events[EVENTS];
	int n = epoll_wait(f->epoll, events, EVENTS, wait);
	for (int i = 0; i < n; i++)
		f->failed |= !on_event(f, events[i].data.ptr);
}

static bool begin(fleet *f)
{
	pole *p = &f->poles[f->begun++];
	struct sockaddr_in to = { .sin_family = AF_INET,
				  .sin_port = htons((uint16_t)f->port),
				  .sin_addr = { htonl(INADDR_LOOPBACK) } };
	struct epoll_event e = { .events = EPOLLOUT, .data.ptr = p };
	int on = 1;
	p->fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	return p->fd >= 0 && setsockopt(p->fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on) == 0 &&
	       (connect(p->fd, (struct sockaddr *)&to, sizeof to) == 0 || errno == EINPROGRESS) &&
	       epoll_ctl(f->epoll, EPOLL_CTL_ADD, p->fd, &e) == 0;
}

hub_status fleet_connect(int port, size_t count, bool tls, fleet **ret, hub_fault *fault)
{
	fleet *f = calloc(1, sizeof *f);
	pole *poles = calloc(count, sizeof *poles);
	int64_t until = clock_monotonic() + PATIENCE;
	struct rlimit files;
	if (!f || !poles) {
		free(f);
		free(poles);
		return HUB_NOMEM;
	}
	*f = (fleet) { .epoll = epoll_create1(EPOLL_CLOEXEC), .port = port, .count = count, .poles = poles };
	*ret = f;
	for (size_t i = 0; i < count; i++)
		poles[i].fd = -1;
	if (getrlimit(RLIMIT_NOFILE, &files) == 0)
		setrlimit(RLIMIT_NOFILE, &(struct rlimit) { files.rlim_max, files.rlim_max });
	if (tls)
		f->ctx = SSL_CTX_new(TLS_client_method());
	if (tls && f->ctx)
		SSL_CTX_set_mode(f->ctx, SSL_MODE_RELEASE_BUFFERS);
	while (f->opened < count && !f->failed && clock_monotonic() < until) {
		while (f->begun < count && f->begun - f->opened < AT_ONCE && !f->failed)
			f->failed |= !begin(f);
		turn(f, 100);
	}
	return f->opened == count
		   ? HUB_OK
		   : failed(fault, f->failed ? "a station was refused" : "the stations did not all come in");
}

void fleet_close(fleet *f)
{
	if (!f)
		return;
	for (size_t i = 0; i < f->count; i++) {
		SSL_free(f->poles[i].ssl);
		if (f->poles[i].fd >= 0)
			close(f->poles[i].fd);
		buf_fini(&f->poles[i].in);
	}
	SSL_CTX_free(f->ctx);
	close(f->epoll);
	free(f->poles);
	free(f);
}

hub_status fleet_beat(fleet *f, int64_t duration, uint64_t *ret_calls, hub_fault *fault)
{
	int64_t until = clock_monotonic() + duration;
	f->beating = true;
	f->answers = 0;
	for (size_t i = 0; i < f->count && !f->failed; i++)
		f->failed |= !beat(&f->poles[i]);
	while (clock_monotonic() < until && !f->failed)
		turn(f, 10);
	*ret_calls = f->answers;
	f->beating = false;
	/* What is under way must not disturb what follows. */
	for (int quiet = 0; quiet < 3 && !f->failed;) {
		uint64_t before = f->answers;
		turn(f, 100);
		quiet = f->answers == before ? quiet + 1 : 0;
	}
	return f->failed ? failed(fault, "a station lost its connection") : HUB_OK;
}

hub_status fleet_obey(fleet *f, size_t count, int64_t until, int64_t *ret_last, hub_fault *fault)
{
	while (f->obeyed < count && clock_monotonic() < until && !f->failed)
		turn(f, 10);
	*ret_last = f->last;
	bool all = f->obeyed >= count;
	f->obeyed = 0;
	return all ? HUB_OK
		   : failed(fault, f->failed ? "a station lost its connection" : "not every station was asked");
}
