/* "Improved security for OCPP 1.6-J", edition 3. */
#include "schema.h"

static const char *const accepted[] = { "Accepted", "Rejected", NULL };
static const char *const hashes[] = { "SHA256", "SHA384", "SHA512", NULL };
static const char *const delete_states[] = { "Accepted", "Failed", "NotFound", NULL };
static const char *const trigger_states[] = { "Accepted", "Rejected", "NotImplemented", NULL };
static const char *const triggers[] = {
	"BootNotification", "LogStatusNotification",	  "FirmwareStatusNotification", "Heartbeat",
	"MeterValues",	    "SignChargePointCertificate", "StatusNotification",		NULL
};
static const char *const certificate_uses[] = { "CentralSystemRootCertificate", "ManufacturerRootCertificate", NULL };
static const char *const installed_states[] = { "Accepted", "NotFound", NULL };
static const char *const install_states[] = { "Accepted", "Failed", "Rejected", NULL };
static const char *const log_types[] = { "DiagnosticsLog", "SecurityLog", NULL };
static const char *const log_answers[] = { "Accepted", "Rejected", "AcceptedCanceled", NULL };
static const char *const upload_states[] = { "BadMessage",	 "Idle",     "NotSupportedOperation",
					     "PermissionDenied", "Uploaded", "UploadFailure",
					     "Uploading",	 NULL };
static const char *const firmware_states[] = { "Downloaded",	     "DownloadFailed",	  "Downloading",
					       "DownloadScheduled",  "DownloadPaused",	  "Idle",
					       "InstallationFailed", "Installing",	  "Installed",
					       "InstallRebooting",   "InstallScheduled",  "InstallVerificationFailed",
					       "InvalidSignature",   "SignatureVerified", NULL };
static const char *const update_answers[] = { "Accepted",	    "Rejected",		  "AcceptedCanceled",
					      "InvalidCertificate", "RevokedCertificate", NULL };

static const field none[] = { { NULL } };
static const field accepted_answer[] = { { "status", FIELD_WORD, true, 0, accepted }, { NULL } };

static const field signed_request[] = { { "certificateChain", FIELD_TEXT, true, 10000 }, { NULL } };
static const field hash_data[] = {
	{ "hashAlgorithm", FIELD_WORD, true, 0, hashes },
	{ "issuerNameHash", FIELD_TEXT, true, 128 },
	{ "issuerKeyHash", FIELD_TEXT, true, 128 },
	{ "serialNumber", FIELD_TEXT, true, 40 },
	{ NULL },
};
static const field delete_request[] = { { "certificateHashData", FIELD_OBJECT, true, 0, hash_data }, { NULL } };
static const field delete_answer[] = { { "status", FIELD_WORD, true, 0, delete_states }, { NULL } };
static const field trigger_request[] = {
	{ "requestedMessage", FIELD_WORD, true, 0, triggers },
	{ "connectorId", FIELD_INTEGER },
	{ NULL },
};
static const field trigger_answer[] = { { "status", FIELD_WORD, true, 0, trigger_states }, { NULL } };
static const field installed_request[] = { { "certificateType", FIELD_WORD, true, 0, certificate_uses }, { NULL } };
static const field installed_answer[] = {
	{ "status", FIELD_WORD, true, 0, installed_states },
	{ "certificateHashData", FIELD_OBJECTS, false, 0, hash_data },
	{ NULL },
};
static const field install_request[] = {
	{ "certificateType", FIELD_WORD, true, 0, certificate_uses },
	{ "certificate", FIELD_TEXT, true, 5500 },
	{ NULL },
};
static const field install_answer[] = { { "status", FIELD_WORD, true, 0, install_states }, { NULL } };
static const field log_parameters[] = {
	{ "remoteLocation", FIELD_TEXT, true, 512 },
	{ "oldestTimestamp", FIELD_TIME },
	{ "latestTimestamp", FIELD_TIME },
	{ NULL },
};
static const field log_request[] = {
	{ "log", FIELD_OBJECT, true, 0, log_parameters },
	{ "logType", FIELD_WORD, true, 0, log_types },
	{ "requestId", FIELD_INTEGER, true },
	{ "retries", FIELD_INTEGER },
	{ "retryInterval", FIELD_INTEGER },
	{ NULL },
};
static const field log_answer[] = {
	{ "status", FIELD_WORD, true, 0, log_answers },
	{ "filename", FIELD_TEXT, false, 255 },
	{ NULL },
};
static const field log_status[] = {
	{ "status", FIELD_WORD, true, 0, upload_states },
	{ "requestId", FIELD_INTEGER },
	{ NULL },
};
static const field event_request[] = {
	{ "type", FIELD_TEXT, true, 50 },
	{ "timestamp", FIELD_TIME, true },
	{ "techInfo", FIELD_TEXT, false, 255 },
	{ NULL },
};
static const field sign_request[] = { { "csr", FIELD_TEXT, true, 5500 }, { NULL } };
static const field firmware_status[] = {
	{ "status", FIELD_WORD, true, 0, firmware_states },
	{ "requestId", FIELD_INTEGER },
	{ NULL },
};
static const field firmware[] = {
	{ "location", FIELD_TEXT, true, 512 },	{ "retrieveDateTime", FIELD_TIME, true },
	{ "installDateTime", FIELD_TIME },	{ "signingCertificate", FIELD_TEXT, true, 5500 },
	{ "signature", FIELD_TEXT, true, 800 }, { NULL },
};
static const field update_request[] = {
	{ "retries", FIELD_INTEGER },
	{ "retryInterval", FIELD_INTEGER },
	{ "requestId", FIELD_INTEGER, true },
	{ "firmware", FIELD_OBJECT, true, 0, firmware },
	{ NULL },
};
static const field update_answer[] = { { "status", FIELD_WORD, true, 0, update_answers }, { NULL } };

const action actions_security[] = {
	{ "CertificateSigned", FROM_CENTRAL, signed_request, accepted_answer },
	{ "DeleteCertificate", FROM_CENTRAL, delete_request, delete_answer },
	{ "ExtendedTriggerMessage", FROM_CENTRAL, trigger_request, trigger_answer },
	{ "GetInstalledCertificateIds", FROM_CENTRAL, installed_request, installed_answer },
	{ "GetLog", FROM_CENTRAL, log_request, log_answer },
	{ "InstallCertificate", FROM_CENTRAL, install_request, install_answer },
	{ "LogStatusNotification", FROM_STATION, log_status, none },
	{ "SecurityEventNotification", FROM_STATION, event_request, none },
	{ "SignCertificate", FROM_STATION, sign_request, accepted_answer },
	{ "SignedFirmwareStatusNotification", FROM_STATION, firmware_status, none },
	{ "SignedUpdateFirmware", FROM_CENTRAL, update_request, update_answer },
	{ NULL },
};
