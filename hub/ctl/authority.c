#include "ctl/authority.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#include "base/clock.h"
#include "ctl/file.h"
#include "store/certificate.h"

enum { AUTHORITY_YEARS = 20, SERVER_DAYS = 397, SERVER_LEFT = 30 * 86400, LIST_DAYS = 30 };

/* By descriptor and not through links: the zone owns the directory above. */
static int open_directory(const ctl *c, const char *name)
{
	char *path = ctl_path(c, name);
	int fd = path ? open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC) : -1;
	free(path);
	return fd;
}

static hub_status no_directory(const ctl *c, const char *name, hub_fault *fault)
{
	hub_fault_set(fault, "ca.directory", "data", "%.100s/%s cannot be used: %s; hubctl up makes it", c->data, name,
		      strerror(errno));
	return HUB_FAILED;
}

static hub_status read_key(const ctl *c, const char *name, buf *out)
{
	char *path = ctl_path(c, name);
	hub_fault fault;
	hub_status st = !path ? HUB_NOMEM : access(path, F_OK) ? HUB_MISSING : ctl_read(path, out, &fault);
	free(path);
	buf_u8(out, 0);
	return st == HUB_OK && out->bad ? HUB_NOMEM : st;
}

hub_status ctl_authority_open(const ctl *c, authority **ret, hub_fault *fault)
{
	buf cert = { 0 }, key = { 0 };
	hub_status st = read_key(c, "core/keys/ca.crt", &cert);
	if (st == HUB_OK)
		st = read_key(c, "core/keys/ca.key", &key);
	if (st == HUB_OK)
		st = authority_load((const char *)cert.bytes, (const char *)key.bytes, ret, fault);
	else
		hub_fault_set(fault, "ca.missing", "", "there is no authority under %.100s/core/keys; hubctl ca init makes it",
			      c->data);
	if (key.bytes)
		OPENSSL_cleanse(key.bytes, key.len);
	buf_fini(&cert);
	buf_fini(&key);
	return st;
}

static hub_status make(int dir, hub_fault *fault)
{
	authority *a;
	buf cert = { 0 }, key = { 0 };
	hub_status st = authority_new("Utility Hub Authority", AUTHORITY_YEARS, &a);
	if (st != HUB_OK)
		return st;
	authority_cert_pem(a, &cert);
	authority_key_pem(a, &key);
	/* The certificate last: it is what says that the authority exists. */
	st = ctl_replace(dir, "ca.key", &key, 0600, fault);
	if (st == HUB_OK)
		st = ctl_replace(dir, "ca.crt", &cert, 0644, fault);
	if (key.bytes)
		OPENSSL_cleanse(key.bytes, key.len);
	buf_fini(&cert);
	buf_fini(&key);
	authority_free(a);
	return st;
}

hub_status ctl_authority_make(const ctl *c, bool *ret_made, hub_fault *fault)
{
	int dir = open_directory(c, "core/keys");
	if (dir < 0)
		return no_directory(c, "core/keys", fault);
	flock(dir, LOCK_EX);
	bool there = !faccessat(dir, "ca.crt", F_OK, 0);
	hub_status st = there ? HUB_OK : make(dir, fault);
	close(dir);
	if (st == HUB_OK)
		*ret_made = !there;
	return st;
}

static hub_status list(const ctl *c, const authority *a, buf *out, hub_fault *fault)
{
	arena memory;
	party_certificate *gone;
	size_t count;
	int64_t number;
	hub_time now = clock_now();
	arena_init(&memory, 0);
	hub_status st = certificate_revoked(c->db, now, &memory, &gone, &count, &number);
	authority_revoked *revoked = st == HUB_OK ? arena_array(&memory, count + 1, sizeof *revoked) : NULL;
	for (size_t i = 0; revoked && i < count; i++)
		revoked[i] = (authority_revoked){ gone[i].serial, gone[i].revoked };
	if (st == HUB_OK)
		st = revoked ? authority_crl(a, revoked, count, (uint64_t)number, now, LIST_DAYS, out) : HUB_NOMEM;
	else
		hub_fault_set(fault, "ca.list", "", "the revoked certificates cannot be read; is the database up and migrated?");
	arena_fini(&memory);
	return st;
}

hub_status ctl_authority_publish(const ctl *c, const authority *a, hub_fault *fault)
{
	buf cert = { 0 }, crl = { 0 };
	int keys = open_directory(c, "core/keys"), dir = open_directory(c, "zone/state");
	hub_status st = keys < 0 ? no_directory(c, "core/keys", fault) : dir < 0 ? no_directory(c, "zone/state", fault) : HUB_OK;
	if (st == HUB_OK) {
		flock(keys, LOCK_EX);
		authority_cert_pem(a, &cert);
		st = ctl_replace(dir, "ca.pem", &cert, 0644, fault);
	}
	if (st == HUB_OK)
		st = list(c, a, &crl, fault);
	if (st == HUB_OK)
		st = ctl_replace(dir, "crl.pem", &crl, 0644, fault);
	buf_fini(&cert);
	buf_fini(&crl);
	if (dir >= 0)
		close(dir);
	if (keys >= 0)
		close(keys);
	return st;
}

static bool is_address(const char *host)
{
	struct in6_addr any;
	return inet_pton(AF_INET, host, &any) == 1 || inet_pton(AF_INET6, host, &any) == 1;
}

static bool serves(const ctl *c, const authority *a, const char *host)
{
	char *path = ctl_path(c, "zone/state/server.crt");
	FILE *in = path ? fopen(path, "r") : NULL;
	X509 *x = in ? PEM_read_X509(in, NULL, NULL, NULL) : NULL;
	buf ca = { 0 };
	authority_cert_pem(a, &ca);
	BIO *b = ca.bad ? NULL : BIO_new_mem_buf(ca.bytes, (int)ca.len);
	X509 *issuer = b ? PEM_read_bio_X509(b, NULL, NULL, NULL) : NULL;
	time_t later = time(NULL) + SERVER_LEFT;
	bool good = x && issuer && X509_cmp_time(X509_get0_notAfter(x), &later) > 0 &&
		    X509_verify(x, X509_get0_pubkey(issuer)) == 1 &&
		    (is_address(host) ? X509_check_ip_asc(x, host, 0) : X509_check_host(x, host, 0, 0, NULL)) == 1;
	X509_free(issuer);
	BIO_free(b);
	buf_fini(&ca);
	X509_free(x);
	if (in)
		fclose(in);
	free(path);
	return good;
}

hub_status ctl_authority_serve(const ctl *c, const authority *a, const char *host, bool *ret_made, hub_fault *fault)
{
	const authority_grant grant = { is_address(host) ? "server-ip" : "server", host, clock_now(), SERVER_DAYS };
	buf cert = { 0 }, key = { 0 };
	if (serves(c, a, host)) {
		*ret_made = false;
		return HUB_OK;
	}
	int dir = open_directory(c, "zone/state");
	hub_status st = dir < 0 ? no_directory(c, "zone/state", fault) : authority_issue(a, &grant, &cert, &key, fault);
	if (st == HUB_OK)
		st = ctl_replace(dir, "server.key", &key, 0640, fault);
	if (st == HUB_OK)
		st = ctl_replace(dir, "server.crt", &cert, 0644, fault);
	if (key.bytes)
		OPENSSL_cleanse(key.bytes, key.len);
	buf_fini(&cert);
	buf_fini(&key);
	if (dir >= 0)
		close(dir);
	if (st == HUB_OK)
		*ret_made = true;
	return st;
}
