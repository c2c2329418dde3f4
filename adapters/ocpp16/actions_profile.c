/* OCPP 1.6 edition 2: firmware management, local list, reservation, smart charging, remote trigger. */
#include "schema.h"

static const char *const diagnostics_states[] = { "Idle", "Uploaded", "UploadFailed", "Uploading", NULL };
static const char *const firmware_states[] = { "Downloaded",	     "DownloadFailed", "Downloading", "Idle",
					       "InstallationFailed", "Installing",     "Installed",   NULL };
static const char *const list_states[] = { "Accepted", "Failed", "NotSupported", "VersionMismatch", NULL };
static const char *const list_updates[] = { "Differential", "Full", NULL };
static const char *const accepted[] = { "Accepted", "Rejected", NULL };
static const char *const reservation_states[] = { "Accepted", "Faulted", "Occupied", "Rejected", "Unavailable", NULL };
static const char *const clear_states[] = { "Accepted", "Unknown", NULL };
static const char *const profile_states[] = { "Accepted", "Rejected", "NotSupported", NULL };
static const char *const trigger_states[] = { "Accepted", "Rejected", "NotImplemented", NULL };
static const char *const triggers[] = { "BootNotification",
					"DiagnosticsStatusNotification",
					"FirmwareStatusNotification",
					"Heartbeat",
					"MeterValues",
					"StatusNotification",
					NULL };
static const char *const purposes[] = { "ChargePointMaxProfile", "TxDefaultProfile", "TxProfile", NULL };
static const char *const rate_units[] = { "A", "W", NULL };

static const field none[] = { { NULL } };

static const field diagnostics_request[] = {
	{ "location", FIELD_TEXT, true }, { "retries", FIELD_INTEGER }, { "retryInterval", FIELD_INTEGER },
	{ "startTime", FIELD_TIME },	  { "stopTime", FIELD_TIME },	{ NULL },
};
static const field diagnostics_answer[] = { { "fileName", FIELD_TEXT, false, 255 }, { NULL } };
static const field diagnostics_status[] = { { "status", FIELD_WORD, true, 0, diagnostics_states }, { NULL } };
static const field firmware_status[] = { { "status", FIELD_WORD, true, 0, firmware_states }, { NULL } };
static const field update_request[] = {
	{ "location", FIELD_TEXT, true },
	{ "retries", FIELD_INTEGER },
	{ "retrieveDate", FIELD_TIME, true },
	{ "retryInterval", FIELD_INTEGER },
	{ NULL },
};
static const field version_answer[] = { { "listVersion", FIELD_INTEGER, true }, { NULL } };
static const field authorization[] = {
	{ "idTag", FIELD_TEXT, true, 20 },
	{ "idTagInfo", FIELD_OBJECT, false, 0, id_tag_info },
	{ NULL },
};
static const field list_request[] = {
	{ "listVersion", FIELD_INTEGER, true },
	{ "localAuthorizationList", FIELD_OBJECTS, false, 0, authorization },
	{ "updateType", FIELD_WORD, true, 0, list_updates },
	{ NULL },
};
static const field list_answer[] = { { "status", FIELD_WORD, true, 0, list_states }, { NULL } };
static const field cancel_request[] = { { "reservationId", FIELD_INTEGER, true }, { NULL } };
static const field accepted_answer[] = { { "status", FIELD_WORD, true, 0, accepted }, { NULL } };
static const field reserve_request[] = {
	{ "connectorId", FIELD_INTEGER, true },	  { "expiryDate", FIELD_TIME, true },
	{ "idTag", FIELD_TEXT, true, 20 },	  { "parentIdTag", FIELD_TEXT, false, 20 },
	{ "reservationId", FIELD_INTEGER, true }, { NULL },
};
static const field reserve_answer[] = { { "status", FIELD_WORD, true, 0, reservation_states }, { NULL } };
static const field clear_request[] = {
	{ "id", FIELD_INTEGER },
	{ "connectorId", FIELD_INTEGER },
	{ "chargingProfilePurpose", FIELD_WORD, false, 0, purposes },
	{ "stackLevel", FIELD_INTEGER },
	{ NULL },
};
static const field clear_answer[] = { { "status", FIELD_WORD, true, 0, clear_states }, { NULL } };
static const field composite_request[] = {
	{ "connectorId", FIELD_INTEGER, true },
	{ "duration", FIELD_INTEGER, true },
	{ "chargingRateUnit", FIELD_WORD, false, 0, rate_units },
	{ NULL },
};
static const field composite_answer[] = {
	{ "status", FIELD_WORD, true, 0, accepted },
	{ "connectorId", FIELD_INTEGER },
	{ "scheduleStart", FIELD_TIME },
	{ "chargingSchedule", FIELD_OBJECT, false, 0, charging_schedule },
	{ NULL },
};
static const field profile_request[] = {
	{ "connectorId", FIELD_INTEGER, true },
	{ "csChargingProfiles", FIELD_OBJECT, true, 0, charging_profile },
	{ NULL },
};
static const field profile_answer[] = { { "status", FIELD_WORD, true, 0, profile_states }, { NULL } };
static const field trigger_request[] = {
	{ "requestedMessage", FIELD_WORD, true, 0, triggers },
	{ "connectorId", FIELD_INTEGER },
	{ NULL },
};
static const field trigger_answer[] = { { "status", FIELD_WORD, true, 0, trigger_states }, { NULL } };

const action actions_profile[] = {
	{ "GetDiagnostics", FROM_CENTRAL, diagnostics_request, diagnostics_answer },
	{ "DiagnosticsStatusNotification", FROM_STATION, diagnostics_status, none },
	{ "FirmwareStatusNotification", FROM_STATION, firmware_status, none },
	{ "UpdateFirmware", FROM_CENTRAL, update_request, none },
	{ "GetLocalListVersion", FROM_CENTRAL, none, version_answer },
	{ "SendLocalList", FROM_CENTRAL, list_request, list_answer },
	{ "CancelReservation", FROM_CENTRAL, cancel_request, accepted_answer },
	{ "ReserveNow", FROM_CENTRAL, reserve_request, reserve_answer },
	{ "ClearChargingProfile", FROM_CENTRAL, clear_request, clear_answer },
	{ "GetCompositeSchedule", FROM_CENTRAL, composite_request, composite_answer },
	{ "SetChargingProfile", FROM_CENTRAL, profile_request, profile_answer },
	{ "TriggerMessage", FROM_CENTRAL, trigger_request, trigger_answer },
	{ NULL },
};
