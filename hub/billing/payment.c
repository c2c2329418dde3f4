#include "billing/payment.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/fail.h"

#define WINDOW (15 * 60 * INT64_C(1000000))

static int by_due(const void *a, const void *b)
{
	const payment_part *x = *(const payment_part *const *)a, *y = *(const payment_part *const *)b;
	if (x->due != y->due)
		return x->due < y->due ? -1 : 1;
	if (x->priority != y->priority)
		return x->priority < y->priority ? -1 : 1;
	return strcmp(x->id, y->id);
}

static void split_by_due(const payment_part *const *order, const payment_part *parts, size_t count, int64_t left,
			 int64_t *shares)
{
	for (size_t i = 0; i < count; i++) {
		int64_t take = order[i]->open < left ? order[i]->open : left;
		shares[order[i] - parts] = take;
		left -= take;
	}
}

typedef struct rest {
	__int128 remainder;
	const payment_part *part;
} rest;

static int by_rest(const void *a, const void *b)
{
	const rest *x = a, *y = b;
	if (x->remainder != y->remainder)
		return x->remainder > y->remainder ? -1 : 1;
	return strcmp(x->part->id, y->part->id);
}

/* amount <= sum of what is open, so no share passes its part. */
static hub_status split_in_proportion(const payment_part *parts, size_t count, int64_t amount, int64_t sum, int64_t *shares)
{
	rest *rests = fail_malloc((count + 1) * sizeof *rests);
	if (!rests)
		return HUB_NOMEM;
	int64_t left = amount;
	for (size_t i = 0; i < count; i++) {
		__int128 exact = (__int128)amount * parts[i].open;
		shares[i] = (int64_t)(exact / sum);
		rests[i] = (rest){ exact % sum, &parts[i] };
		left -= shares[i];
	}
	qsort(rests, count, sizeof *rests, by_rest);
	for (size_t i = 0; left; i++, left--)
		shares[rests[i].part - parts]++;
	free(rests);
	return HUB_OK;
}

hub_status payment_split(payment_rule rule, const payment_part *parts, size_t count, int64_t amount, int64_t *ret_shares,
			 int64_t *ret_credit, hub_fault *fault)
{
	int64_t sum = 0;
	if (amount <= 0)
		return hub_fault_set(fault, "payment.amount", "amount", "a payment is above 0, not %lld", (long long)amount);
	for (size_t i = 0; i < count; i++) {
		if (parts[i].open < 0)
			return hub_fault_set(fault, "payment.open", "open", "'%.40s' has %lld open; a part in the customer's favour "
					     "takes no payment", parts[i].id, (long long)parts[i].open);
		if (__builtin_add_overflow(sum, parts[i].open, &sum))
			return HUB_RANGE;
	}
	int64_t due = amount < sum ? amount : sum;
	hub_status st = HUB_OK;
	const payment_part **order = fail_malloc((count + 1) * sizeof *order);
	if (!order)
		return HUB_NOMEM;
	for (size_t i = 0; i < count; i++)
		order[i] = &parts[i];
	if (rule == PAYMENT_PROPORTIONAL && sum) {
		st = split_in_proportion(parts, count, due, sum, ret_shares);
	} else {
		qsort(order, count, sizeof *order, by_due);
		split_by_due(order, parts, count, due, ret_shares);
	}
	free(order);
	if (st == HUB_OK)
		*ret_credit = amount - due;
	return st;
}

static bool plain(const char *text)
{
	return text && *text && strlen(text) <= 128 && !strpbrk(text, "\n\r");
}

bool payment_notice_text(const payment_notice *n, char *out, size_t size)
{
	if (!plain(n->order) || !plain(n->reference) || !plain(n->currency))
		return false;
	char time[CLOCK_TEXT];
	int len = snprintf(out, size, "order=%s\nreference=%s\ncurrency=%s\namount=%lld\ntime=%s\n", n->order, n->reference,
			   n->currency, (long long)n->amount, clock_text(n->time, time));
	return len > 0 && (size_t)len < size;
}

hub_status payment_notice_sign(const payment_notice *n, const void *key, size_t key_len, char ret[65])
{
	char text[640];
	unsigned char mac[EVP_MAX_MD_SIZE];
	unsigned len = 0;
	if (!payment_notice_text(n, text, sizeof text))
		return HUB_REJECT;
	if (!HMAC(EVP_sha256(), key, (int)key_len, (const unsigned char *)text, strlen(text), mac, &len) || len != 32)
		return HUB_FAILED;
	for (unsigned i = 0; i < len; i++)
		snprintf(ret + 2 * i, 3, "%02x", mac[i]);
	return HUB_OK;
}

hub_status payment_notice_check(const payment_notice *n, const char *signature, const void *key, size_t key_len,
				const char *order, const char *currency, int64_t amount, hub_time now, hub_fault *fault)
{
	char expected[65];
	hub_status st = payment_notice_sign(n, key, key_len, expected);
	if (st == HUB_REJECT)
		return hub_fault_set(fault, "payment.notice", "", "order, reference and currency are texts of 1 to 128 bytes "
				     "in one line each");
	if (st != HUB_OK)
		return st;
	if (!signature || strlen(signature) != 64 || CRYPTO_memcmp(signature, expected, 64)) {
		hub_fault_set(fault, "payment.signature", "signature", "the signature is not that of the provider's key");
		return HUB_DENIED;
	}
	if (n->time < now - WINDOW || n->time > now + WINDOW)
		return hub_fault_set(fault, "payment.time", "time", "the call-back is more than 15 minutes off; let the provider "
				     "sign it anew");
	if (strcmp(n->order, order))
		return hub_fault_set(fault, "payment.order", "order", "the call-back is for order '%.60s', not '%.60s'", n->order,
				     order);
	if (strcmp(n->currency, currency) || n->amount != amount)
		return hub_fault_set(fault, "payment.sum", "amount", "%lld %.8s were paid, %lld %.8s were ordered; the order stays "
				     "open", (long long)n->amount, n->currency, (long long)amount, currency);
	return HUB_OK;
}
