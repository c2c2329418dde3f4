#include "revoked.h"

#include "base/fail.h"

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

struct revoked {
	char directory[512];
	X509_CRL *list;
	ino_t inode; /* of the list as it was read or refused */
	struct timespec changed;
};

static FILE *open_file(const revoked *r, const char *name)
{
	char path[600];
	snprintf(path, sizeof path, "%s/%s", r->directory, name);
	return fopen(path, "re");
}

static hub_status load(revoked *r, hub_fault *fault)
{
	struct stat st;
	FILE *ca_file = open_file(r, "ca.pem"), *list_file = open_file(r, "crl.pem");
	X509 *ca = ca_file ? PEM_read_X509(ca_file, NULL, NULL, NULL) : NULL;
	X509_CRL *list = list_file ? PEM_read_X509_CRL(list_file, NULL, NULL, NULL) : NULL;
	if (list_file && !fstat(fileno(list_file), &st)) {
		r->inode = st.st_ino;
		r->changed = st.st_ctim;
	}
	bool good = ca && list && X509_CRL_verify(list, X509_get0_pubkey(ca)) == 1;
	ERR_clear_error();
	if (ca_file)
		fclose(ca_file);
	if (list_file)
		fclose(list_file);
	X509_free(ca);
	if (!good) {
		X509_CRL_free(list);
		hub_fault_set(fault, "broker.revoked", "state",
			      "%.200s/crl.pem is missing, damaged, or not of ca.pem beside "
			      "it; hubctl ca publish writes them",
			      r->directory);
		return HUB_FAILED;
	}
	X509_CRL_free(r->list);
	r->list = list;
	return HUB_OK;
}

hub_status revoked_open(const char *directory, revoked **ret, hub_fault *fault)
{
	revoked *r = fail_calloc(1, sizeof *r);
	if (!r)
		return HUB_NOMEM;
	snprintf(r->directory, sizeof r->directory, "%s", directory);
	hub_status st = load(r, fault);
	if (st == HUB_OK)
		*ret = r;
	else
		revoked_close(r);
	return st;
}

void revoked_close(revoked *r)
{
	if (!r)
		return;
	X509_CRL_free(r->list);
	free(r);
}

bool revoked_refresh(revoked *r, hub_fault *fault)
{
	char path[600];
	struct stat st;
	snprintf(path, sizeof path, "%s/crl.pem", r->directory);
	if (stat(path, &st) || (st.st_ino == r->inode && st.st_ctim.tv_sec == r->changed.tv_sec &&
				st.st_ctim.tv_nsec == r->changed.tv_nsec))
		return false;
	return load(r, fault) == HUB_OK;
}

bool revoked_has(const revoked *r, const char *serial)
{
	BIGNUM *number = NULL;
	X509_REVOKED *entry;
	ASN1_INTEGER *wanted = BN_hex2bn(&number, serial) ? BN_to_ASN1_INTEGER(number, NULL) : NULL;
	/* What cannot be looked up is not trusted; 2 is an entry taken back from the list. */
	bool found = !wanted || X509_CRL_get0_by_serial(r->list, &entry, wanted) == 1;
	ASN1_INTEGER_free(wanted);
	BN_free(number);
	return found;
}
