#include "api/once.h"

#include <openssl/evp.h>
#include <string.h>

#include "store/answer.h"

/* Texts one after the other, each with its end, so that no two lists give one digest. */
static void add(EVP_MD_CTX *c, const char *text)
{
	EVP_DigestUpdate(c, text, strlen(text) + 1);
}

static hub_status digests(const request *r, const char *key, answer *ret)
{
	EVP_MD_CTX *c = EVP_MD_CTX_new();
	if (!c)
		return HUB_NOMEM;
	bool good = EVP_DigestInit_ex(c, EVP_sha256(), NULL) == 1;
	add(c, r->route->operation);
	add(c, key);
	good &= EVP_DigestFinal_ex(c, ret->key, NULL) == 1 && EVP_DigestInit_ex(c, EVP_sha256(), NULL) == 1;
	const char *match = request_header(r, "if-match");
	add(c, r->call->path);
	add(c, match ? match : "");
	for (size_t i = 0; i < r->call->query_count; i++) {
		add(c, r->call->query[i].name);
		add(c, r->call->query[i].value);
	}
	EVP_DigestUpdate(c, r->call->body, r->call->body_len);
	good &= EVP_DigestFinal_ex(c, ret->digest, NULL) == 1;
	EVP_MD_CTX_free(c);
	return good ? HUB_OK : HUB_FAILED;
}

static const char *tag_of(const wire_reply *w)
{
	for (size_t i = 0; i < w->header_count; i++)
		if (!strcmp(w->headers[i].name, "etag"))
			return w->headers[i].value;
	return "";
}

static hub_status repeat(request *r, const answer *wanted, const answer *kept)
{
	if (memcmp(wanted->digest, kept->digest, sizeof kept->digest))
		return request_refuse(r, 409, "call.idempotency", "idempotency-key",
				      "this idempotency-key came before with other content; use a new one");
	*r->reply = (wire_reply) { .status = kept->status,
				   .content_type = kept->body_len ? "application/json" : "",
				   .body = kept->body,
				   .body_len = kept->body_len,
				   .continuation = "" };
	return kept->tag[0] ? request_add_header(r, "etag", kept->tag) : HUB_OK;
}

static hub_status keep(request *r, const answer *wanted)
{
	answer given = *wanted;
	given.status = r->reply->status;
	given.tag = tag_of(r->reply);
	given.body = r->reply->body;
	given.body_len = r->reply->body_len;
	hub_status st = answer_keep(r->db, &given);
	return st == HUB_OK ? store_commit(r->db) : st;
}

hub_status once_run(request *r, operation run)
{
	const char *key = request_header(r, "idempotency-key");
	answer wanted = { .party = r->caller.id }, kept;
	if (!key || !key[0] || strlen(key) > 128)
		return request_refuse(r, 400, "call.key", "idempotency-key", "the idempotency-key has 1 to 128 bytes");
	hub_status st = digests(r, key, &wanted);
	if (st == HUB_OK)
		st = store_begin(r->db);
	if (st != HUB_OK)
		return st;
	st = answer_claim(r->db, &wanted, r->arena, &kept);
	if (st == HUB_CONFLICT) {
		store_rollback(r->db);
		return repeat(r, &wanted, &kept);
	}
	if (st == HUB_OK)
		st = run(r);
	if (st == HUB_OK && r->reply->status < 400)
		st = keep(r, &wanted);
	/* Harmless after a commit. */
	store_rollback(r->db);
	return st;
}
