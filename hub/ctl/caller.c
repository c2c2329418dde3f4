#include "ctl/caller.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <unistd.h>

enum { CHUNK = 16384, ANSWER_MAX = 4 << 20, PATIENCE = 60 /* s */ };

SSL_CTX *caller_context(const char *ca_file, const buf *cert, const buf *key)
{
	SSL_CTX *ctx = SSL_CTX_new(TLS_client_method());
	BIO *c = BIO_new_mem_buf(cert->bytes, (int)cert->len), *k = BIO_new_mem_buf(key->bytes, (int)key->len);
	X509 *x = c ? PEM_read_bio_X509(c, NULL, NULL, NULL) : NULL;
	EVP_PKEY *p = k ? PEM_read_bio_PrivateKey(k, NULL, NULL, NULL) : NULL;
	bool good = ctx && x && p && SSL_CTX_load_verify_file(ctx, ca_file) == 1 &&
		    SSL_CTX_use_certificate(ctx, x) == 1 && SSL_CTX_use_PrivateKey(ctx, p) == 1;
	if (good)
		SSL_CTX_set_verify(ctx, SSL_VERIFY_PEER, NULL);
	EVP_PKEY_free(p);
	X509_free(x);
	BIO_free(k);
	BIO_free(c);
	ERR_clear_error();
	if (good)
		return ctx;
	SSL_CTX_free(ctx);
	return NULL;
}

hub_status caller_open(caller *c, SSL_CTX *context, int port)
{
	const struct sockaddr_in to = { .sin_family = AF_INET,
					.sin_port = htons((uint16_t)port),
					.sin_addr = { htonl(INADDR_LOOPBACK) } };
	const struct timeval patience = { PATIENCE, 0 };
	int on = 1, fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	*c = (caller) { .ssl = SSL_new(context) };
	bool good = c->ssl && fd >= 0 && !setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on) &&
		    !setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience) &&
		    !connect(fd, (const struct sockaddr *)&to, sizeof to) && SSL_set_fd(c->ssl, fd) == 1 &&
		    SSL_set1_host(c->ssl, "localhost") == 1 && SSL_connect(c->ssl) == 1;
	ERR_clear_error();
	if (good)
		return HUB_OK;
	SSL_free(c->ssl);
	c->ssl = NULL;
	if (fd >= 0)
		close(fd);
	return HUB_FAILED;
}

/* Whether all of it has come. */
static bool whole(caller *c)
{
	static const char name[] = "\r\ncontent-length:";
	const char *text = (const char *)c->in.bytes;
	const char *end = c->in.len ? memmem(text, c->in.len, "\r\n\r\n", 4) : NULL;
	if (!end)
		return false;
	size_t length = 0;
	for (const char *p = text; p < end; p++)
		if (!strncasecmp(p, name, sizeof name - 1)) {
			length = strtoul(p + sizeof name - 1, NULL, 10);
			break;
		}
	c->body = end + 4;
	c->body_len = length;
	return c->in.len - (size_t)(c->body - text) >= length;
}

hub_status caller_ask(caller *c, const char *request, size_t len)
{
	buf_clear(&c->in);
	if (SSL_write(c->ssl, request, (int)len) != (int)len)
		return HUB_FAILED;
	while (!whole(c)) {
		uint8_t *room = c->in.len < ANSWER_MAX ? buf_room(&c->in, CHUNK) : NULL;
		int n = room ? SSL_read(c->ssl, room, CHUNK) : 0;
		if (n <= 0)
			return HUB_FAILED;
		buf_took(&c->in, (size_t)n);
	}
	bool http = c->in.len > 12 && !memcmp(c->in.bytes, "HTTP/1.1 ", 9);
	c->status = http ? atoi((const char *)c->in.bytes + 9) : 0;
	return http ? HUB_OK : HUB_FAILED;
}

void caller_close(caller *c)
{
	int fd = c->ssl ? SSL_get_fd(c->ssl) : -1;
	SSL_free(c->ssl);
	if (fd >= 0)
		close(fd);
	buf_fini(&c->in);
	*c = (caller) { 0 };
}
